package io.finemem.runtime.cli;

import io.finemem.simulation.explore.Effort;
import io.finemem.simulation.explore.Explore;
import io.finemem.simulation.explore.Outcome;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finemem explore}: every interleaving of the shipped protocol, in small scopes. */
@Command(
        name = "explore",
        description =
                "Explores every interleaving, crash and lost connection of the allocation protocol in small scopes.",
        footer = {
            "",
            "Without --states and --minutes most scenarios are explored to their end. A scenario that is \"cut off\" has more",
            "states than were looked at: nothing is claimed beyond them. It is also cut off before the heap is full; JAVA_TOOL_OPTIONS",
            "gives it more, as in JAVA_TOOL_OPTIONS=-Xmx16g.",
            "",
            "A violation is told as a story, step by step, and --scenario with --replay tells it again. Exits with 1 if there is one."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class ExploreCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--scenario", paramLabel = "NAME", description = "Only this scenario; --list names them.")
    private @Nullable String scenario;

    @Option(names = "--states", paramLabel = "N", description = "At most so many states of each scenario.")
    private @Nullable Long states;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "For so long in all; the time is shared among the scenarios.")
    private @Nullable Long minutes;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Scenarios explored at the same time (default: one per processor).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--replay", paramLabel = "TRACE", description = "Tell this way through the scenario, step by step.")
    private @Nullable String trace;

    @Option(names = "--list", description = "Name the scenarios and what each looks for.")
    private boolean list;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            Explore.scenarios().forEach(out::println);
            out.flush();
            return FineMemCommand.OK;
        }
        requirePositive("--states", states);
        requirePositive("--minutes", minutes);
        requirePositive("--threads", (long) threads);
        if (trace != null) {
            replay(trace, out);
            return FineMemCommand.OK;
        }
        long start = System.nanoTime();
        List<Outcome> outcomes = outcomes(out);
        if (outcomes.size() > 1) {
            out.println(Explore.summary(outcomes, Duration.ofNanos(System.nanoTime() - start)));
        }
        out.flush();
        return outcomes.stream().anyMatch(Outcome::violated) ? FineMemCommand.FAILURE : FineMemCommand.OK;
    }

    private void requirePositive(String option, @Nullable Long value) {
        if (value != null && value < 1) {
            throw new ParameterException(spec.commandLine(), option + " must be 1 or more: " + value);
        }
    }

    private void replay(String way, PrintWriter out) {
        if (scenario == null) {
            throw new ParameterException(spec.commandLine(), "--replay needs --scenario");
        }
        String name = scenario;
        checked(() -> Explore.replay(name, way)).forEach(out::println);
        out.flush();
    }

    private List<Outcome> outcomes(PrintWriter out) {
        PrintWriter err = spec.commandLine().getErr();
        Effort effort =
                new Effort(states == null ? 0 : states, Duration.ofMinutes(minutes == null ? 0 : minutes), threads);
        if (scenario == null) {
            return Explore.all(effort, outcome -> print(outcome, out), line -> progress(line, err));
        }
        String name = scenario;
        Outcome outcome = checked(() -> Explore.scenario(name, effort, line -> progress(line, err)));
        print(outcome, out);
        return List.of(outcome);
    }

    private <T> T checked(Supplier<T> what) {
        try {
            return what.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static void progress(String line, PrintWriter err) {
        err.println(line);
        err.flush();
    }

    private static void print(Outcome outcome, PrintWriter out) {
        out.println(Explore.line(outcome));
        if (outcome.violated()) {
            outcome.story().forEach(out::println);
            out.println("again: ./finemem explore --scenario " + outcome.scenario() + " --replay " + outcome.trace());
        }
        out.flush();
    }
}
