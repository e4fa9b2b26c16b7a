package io.finemem.runtime.cli;

import io.finemem.allocator.control.Isolation;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.runtime.demo.ChosenTransport;
import io.finemem.runtime.soak.Soak;
import io.finemem.runtime.soak.SoakOptions;
import io.finemem.runtime.soak.SoakReport;
import io.finemem.spi.transport.Transports;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code finemem soak}: owners killed under load, and every chunk accounted for. */
@Command(
        name = "soak",
        description = {
            "Starts a memory node and owner processes on this machine that allocate, write, check and free at random. Some are"
                    + " killed and others take their place; some are stopped for longer than their lease and must learn"
                    + " that they were fenced. Every few kills all pause: every block is read, the pool is audited.",
            "Exit code 0 if no chunk was lost, none was given twice and no byte was wrong."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class SoakCommand implements Callable<Integer> {
    private static final String GUEST = "FINEMEM_IN_GUEST";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigOptions configuration = new ConfigOptions();

    @Option(names = "--kills", paramLabel = "N", description = "Owners to kill (default: 200, in a guest 20).")
    private @Nullable Integer kills;

    @Option(
            names = "--isolation",
            paramLabel = "MODE",
            description = "Isolation of the pool: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Isolation isolation = Isolation.STRICT;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of what is random (default: another one each time).")
    private @Nullable Long seed;

    @Override
    public Integer call() {
        Transports transports = Transports.discover();
        FineMemConfig config = configuration.load(transports, Map.of());
        TransportChoice choice = config.transport();
        ChosenTransport chosen = ChosenTransport.choose(transports, choice.name(), choice.settings());
        PrintWriter out = spec.commandLine().getOut();
        SoakOptions options = options();
        out.println("transport " + chosen.name() + ": " + chosen.reason() + "; seed " + options.seed());
        SoakReport report = new Soak(options, chosen, out::println).run();
        out.println(report.text());
        out.flush();
        return FineMemCommand.OK;
    }

    private SoakOptions options() {
        long chosen = seed == null ? new SecureRandom().nextLong() : seed;
        boolean guest = System.getenv(GUEST) != null;
        int count = kills == null ? guest ? 20 : 200 : kills;
        return guest ? SoakOptions.inGuest(chosen, isolation, count) : SoakOptions.of(chosen, isolation, count);
    }
}
