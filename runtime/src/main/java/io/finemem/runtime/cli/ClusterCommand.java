package io.finemem.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.finemem.runtime.ClusterAccess;
import io.finemem.runtime.config.DirectoryConfig;
import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code finemem cluster}: who is listed in the directory, and what changes there. */
@Command(
        name = "cluster",
        description = "Shows the memory nodes and owners that the directory lists, or those of the configuration.",
        footer = {"", "What it says is a hint: finemem inspect NAME asks the memory node itself."},
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class ClusterCommand implements Callable<Integer> {
    private static final double MIB = 1 << 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--watch", description = "Go on with a line for each change, until Ctrl-C or SIGTERM.")
    private boolean watch;

    @Override
    public Integer call() throws JsonProcessingException {
        DirectoryConfig config =
                configuration.load(Transports.discover(), Map.of()).directory();
        if (watch) {
            new UntilStopped().run(() -> ClusterAccess.open(config), cluster -> cluster.coordination()
                    .watch((view, events) -> events.forEach(this::print)));
            return FineMemCommand.OK;
        }
        try (ClusterAccess cluster = ClusterAccess.open(config)) {
            print(cluster.coordination().view(), cluster.coordination().status().detail());
        }
        return FineMemCommand.OK;
    }

    private void print(ClusterView view, String place) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(fields(view)));
        } else {
            out.println(place);
            view.memoryNodes().values().forEach(node -> out.println("  memory node " + line(node)));
            view.owners().values().forEach(owner -> out.println("  owner " + line(owner)));
        }
        out.flush();
    }

    private void print(ClusterEvent event) {
        PrintWriter out = spec.commandLine().getOut();
        if (event instanceof ClusterEvent.MemoryNodeChanged node) {
            out.println("memory node "
                    + node.after().map(ClusterCommand::line).orElseGet(() -> node.name() + " forgotten"));
        } else if (event instanceof ClusterEvent.OwnerChanged owner) {
            out.println("owner " + owner.owner() + " "
                    + owner.after().map(ClusterCommand::word).orElse("forgotten"));
        }
        out.flush();
    }

    private static String line(MemoryNodeEntry node) {
        return String.format(
                Locale.ROOT,
                "%s %s address=%s transport=%s heap=%.0fMiB boot=%016x",
                node.name(),
                word(node.state()),
                node.controlAddress(),
                node.transport().isEmpty() ? "unknown" : node.transport(),
                node.capacityBytes() / MIB,
                node.bootNonce());
    }

    private static String line(OwnerEntry owner) {
        return owner.identity() + " " + word(owner.state());
    }

    private static String word(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> fields(ClusterView view) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("revision", view.revision());
        fields.put(
                "memoryNodes",
                view.memoryNodes().values().stream().map(ClusterCommand::fields).toList());
        List<Map<String, Object>> owners = view.owners().values().stream()
                .map(owner -> Map.<String, Object>of(
                        "name", owner.identity().name(),
                        "incarnation", owner.identity().incarnation(),
                        "state", word(owner.state())))
                .toList();
        fields.put("owners", owners);
        return fields;
    }

    private static Map<String, Object> fields(MemoryNodeEntry node) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", node.name());
        fields.put("state", word(node.state()));
        fields.put("address", node.controlAddress().toString());
        fields.put("transport", node.transport());
        fields.put("heapBytes", node.capacityBytes());
        fields.put("bootNonce", String.format(Locale.ROOT, "%016x", node.bootNonce()));
        return fields;
    }
}
