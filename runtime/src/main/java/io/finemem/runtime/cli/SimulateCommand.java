package io.finemem.runtime.cli;

import io.finemem.simulation.simulate.Simulate;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finemem simulate}: whole systems in virtual time, with faults, by seed. */
@Command(
        name = "simulate",
        description =
                "Runs whole systems of the shipped protocol in virtual time, with crashes, delays and lost connections.",
        footer = {"", "A seed always gives the same run. Exits with 1 if an invariant broke."},
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class SimulateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--seed", paramLabel = "N", description = "First seed (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many, one after the other (default: ${DEFAULT-VALUE}).")
    private int seeds = 1;

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw new ParameterException(spec.commandLine(), "--seeds must be 1 or more: " + seeds);
        }
        PrintWriter out = spec.commandLine().getOut();
        AtomicInteger failed = new AtomicInteger();
        Simulate.seeds(seed, seeds, Runtime.getRuntime().availableProcessors(), report -> {
            if (report.failed()) {
                failed.incrementAndGet();
            }
            if (report.failed() || seeds == 1) {
                out.println(report);
                out.flush();
            }
        });
        out.println(seeds + " seeds from " + seed + ": " + failed + " failed");
        out.flush();
        return failed.get() == 0 ? FineMemCommand.OK : FineMemCommand.FAILURE;
    }
}
