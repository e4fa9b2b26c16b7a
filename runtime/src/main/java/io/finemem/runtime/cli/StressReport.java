package io.finemem.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.runtime.stress.Stress;
import io.finemem.runtime.stress.Verdict;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** {@code finemem doctor --stress}. */
final class StressReport {
    private final CommandSpec spec;
    private final boolean json;

    StressReport(CommandSpec spec, boolean json) {
        this.spec = spec;
        this.json = json;
    }

    int run(Transports transports, ConfigOptions configuration, @Nullable String device, int seconds)
            throws JsonProcessingException {
        FineMemConfig config = configuration.load(transports, Map.of());
        TransportProvider provider = transports
                .choose(config.transport().name(), config.transport()::settingsOf)
                .provider();
        if (device != null) {
            Map<String, @Nullable String> more = new TreeMap<>();
            more.put(FineMemConfig.ROOT + ".transport." + provider.name() + ".device", device);
            config = configuration.load(transports, more);
        }
        TransportChoice choice = config.transport();
        try (Transport transport = provider.open(choice.settingsOf(provider.name()))) {
            TransportDescription description = transport.description();
            List<Verdict> verdicts = Stress.run(transport, seconds);
            boolean passed = verdicts.stream().allMatch(Verdict::passed);
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(json(description, verdicts, passed));
            } else {
                print(description, verdicts, passed, out);
            }
            out.flush();
            return passed ? FineMemCommand.OK : FineMemCommand.FAILURE;
        }
    }

    private static void print(
            TransportDescription description, List<Verdict> verdicts, boolean passed, PrintWriter out) {
        out.println("transport " + description.transport() + ", " + description.device());
        for (Verdict verdict : verdicts) {
            out.printf(Locale.ROOT, "%-8s %-8s %s%n", lowerCase(verdict), verdict.assumption(), verdict.claim());
            out.printf(Locale.ROOT, "%17s done:  %s%n", "", verdict.done());
            out.printf(Locale.ROOT, "%17s seen:  %,d operations, %s%n", "", verdict.operations(), verdict.detail());
            if (!verdict.remedy().isEmpty()) {
                out.printf(Locale.ROOT, "%17s -> %s%n", "", verdict.remedy());
            }
        }
        out.println();
        out.println(
                passed
                        ? "nothing was seen against what the protocol assumes; stress is no proof"
                        : "this device does not do what the protocol assumes: see above");
    }

    private static String json(TransportDescription description, List<Verdict> verdicts, boolean passed)
            throws JsonProcessingException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("transport", description.transport());
        root.put("device", description.device());
        root.put("passed", passed);
        root.put("assumptions", verdicts);
        return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root);
    }

    private static String lowerCase(Verdict verdict) {
        return verdict.result().name().toLowerCase(Locale.ROOT);
    }
}
