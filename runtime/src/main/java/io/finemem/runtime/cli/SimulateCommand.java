package io.finemem.runtime.cli;

import io.finemem.simulation.simulate.Simulate;
import io.finemem.simulation.simulate.SimulationReport;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

    private static final int PROGRESS_EVERY = 1_000;

    @Option(names = "--seed", paramLabel = "N", description = "First seed (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "How many, one after the other (default: ${DEFAULT-VALUE}).")
    private int seeds = 1;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Go on from the first seed for so long, instead of a number of seeds; tells where to go on.")
    private @Nullable Long minutes;

    @Override
    public Integer call() {
        if (minutes != null && minutes < 1) {
            throw new ParameterException(spec.commandLine(), "--minutes must be 1 or more: " + minutes);
        }
        if (seeds < 1) {
            throw new ParameterException(spec.commandLine(), "--seeds must be 1 or more: " + seeds);
        }
        PrintWriter out = spec.commandLine().getOut();
        AtomicInteger failed = new AtomicInteger();
        AtomicLong runs = new AtomicLong();
        AtomicLong operations = new AtomicLong();
        Consumer<SimulationReport> heard = report -> {
            operations.addAndGet(report.operations());
            if (report.failed()) {
                failed.incrementAndGet();
            }
            if (report.failed() || seeds == 1 && minutes == null) {
                out.println(report);
            }
            if (runs.incrementAndGet() % PROGRESS_EVERY == 0) {
                out.println("so far " + runs + " seeds from " + seed + ": " + failed + " failed");
            }
            out.flush();
        };
        int threads = Runtime.getRuntime().availableProcessors();
        if (minutes != null) {
            long next = Simulate.until(seed, TimeUnit.MINUTES.toNanos(minutes), threads, heard);
            out.println("to go on: --seed " + next);
        } else {
            Simulate.seeds(seed, seeds, threads, heard);
        }
        out.println(runs + " seeds from " + seed + ": " + failed + " failed, " + operations + " operations");
        out.flush();
        return failed.get() == 0 ? FineMemCommand.OK : FineMemCommand.FAILURE;
    }
}
