package io.finemem.runtime.cli;

import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.runtime.NodeLookup;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.runtime.config.ToolConfig;
import io.finemem.runtime.control.ControlClient;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code finemem drain}: makes clients allocate elsewhere, and waits until nothing is left. */
@Command(
        name = "drain",
        description = "Makes clients allocate elsewhere than on a memory node, so that it gets empty.",
        footer = {
            "",
            "Blocks that are there stay usable until their holders free them. Prints a line such as",
            "  draining name=mn0 used=12.5MiB blocks=12 owners=3",
            "and with --wait one for each change. Exits with 1 if it does not get empty in time."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class DrainCommand implements Callable<Integer> {
    private static final double MIB = 1 << 20;
    private static final long PAUSE_MILLIS = 200;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Parameters(
            paramLabel = "NODE",
            description =
                    "A name from finemem.client.memory-nodes or from the directory, or HOST:PORT of a control channel.")
    private String wanted = "";

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "Secret shared with the memory node; made by: finemem new-secret FILE.")
    private @Nullable String secretFile;

    @Option(names = "--undo", description = "Let clients allocate there again.")
    private boolean undo;

    @Option(names = "--wait", description = "Wait until nothing is left.")
    private boolean wait;

    @Option(names = "--then-stop", description = "Wait until nothing is left, and stop the memory node then.")
    private boolean thenStop;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "Wait no longer; without it, as long as it takes.")
    private @Nullable Long timeoutSeconds;

    @Override
    public Integer call() throws InterruptedException {
        check();
        Map<String, @Nullable String> options = new TreeMap<>();
        options.put("finemem.secret-file", secretFile);
        FineMemConfig loaded = configuration.load(Transports.discover(), options);
        MemoryNodeAddress node = NodeLookup.find(wanted, loaded::directory);
        ToolConfig tool = loaded.tool();
        try (ControlClient control =
                ControlClient.connect(node.socketAddress(), tool.credentials().load(), tool.name(), tool.timeouts())) {
            String name = control.describe().memoryNode();
            requireName(node, name);
            show(control.drain(!undo));
            if (wait || thenStop) {
                awaitEmpty(control);
            }
            if (thenStop) {
                control.stop();
                print("stopped name=" + name);
            }
            return FineMemCommand.OK;
        }
    }

    private void check() {
        if (undo && (wait || thenStop)) {
            throw new ParameterException(spec.commandLine(), "--undo excludes --wait and --then-stop");
        }
        if (timeoutSeconds != null && !wait && !thenStop) {
            throw new ParameterException(spec.commandLine(), "--timeout needs --wait or --then-stop");
        }
        if (timeoutSeconds != null && timeoutSeconds < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--timeout " + timeoutSeconds + " is not valid: it must be 0 or more");
        }
    }

    private static void requireName(MemoryNodeAddress node, String name) {
        if (!node.name().isEmpty() && !node.name().equals(name)) {
            throw new InvalidConfiguration("the memory node at " + node.host() + ":" + node.port() + " is named " + name
                    + ", not " + node.name() + "; check finemem.client.memory-nodes");
        }
    }

    private void awaitEmpty(ControlClient control) throws InterruptedException {
        long begun = System.nanoTime();
        NodeStatistics shown = control.statistics();
        for (NodeStatistics now = shown; !now.empty(); now = control.statistics()) {
            if (now.usedBytes() != shown.usedBytes()) {
                show(now);
                shown = now;
            }
            if (now.state() != NodeState.DRAINING) {
                throw new InvalidRequest(
                        "somebody else lets clients allocate there again", "memoryNode", now.memoryNode());
            }
            long waited = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
            if (timeoutSeconds != null && waited >= timeoutSeconds) {
                throw new OperationTimeout(
                        "the memory node is not empty; it goes on draining",
                        "memoryNode",
                        now.memoryNode(),
                        "blocks",
                        now.blocks(),
                        "seconds",
                        waited);
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
        print("empty name=" + shown.memoryNode());
    }

    private void show(NodeStatistics now) {
        print(String.format(
                Locale.ROOT,
                "%s name=%s used=%.1fMiB blocks=%d owners=%d",
                now.state().name().toLowerCase(Locale.ROOT),
                now.memoryNode(),
                now.usedBytes() / MIB,
                now.blocks(),
                now.owners()));
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
