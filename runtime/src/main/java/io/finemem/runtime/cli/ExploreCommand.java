package io.finemem.runtime.cli;

import io.finemem.simulation.explore.Explore;
import io.finemem.simulation.explore.Outcome;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
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
            "A violation is told as a story, step by step. Exits with 1 if there is one. A scenario that is \"cut off\" has",
            "more states than asked for: nothing is claimed beyond them."
        },
        mixinStandardHelpOptions = true,
        versionProvider = ReleaseVersion.class)
final class ExploreCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--scenario", paramLabel = "NAME", description = "Only this scenario; --list names them.")
    private @Nullable String scenario;

    @Option(names = "--states", paramLabel = "N", description = "States of each scenario (default: ${DEFAULT-VALUE}).")
    private long states = Explore.DEFAULT_STATES;

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
        if (states < 1) {
            throw new ParameterException(spec.commandLine(), "--states must be 1 or more: " + states);
        }
        boolean violated = outcomes(out).stream().anyMatch(Outcome::violated);
        out.flush();
        return violated ? FineMemCommand.FAILURE : FineMemCommand.OK;
    }

    private List<Outcome> outcomes(PrintWriter out) {
        if (scenario == null) {
            int threads = Runtime.getRuntime().availableProcessors();
            return Explore.all(states, threads, outcome -> print(outcome, out));
        }
        Outcome outcome = explored(scenario);
        print(outcome, out);
        return List.of(outcome);
    }

    private Outcome explored(String name) {
        try {
            return Explore.scenario(name, states);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "there is no scenario named " + name + "; finemem explore --list names them");
        }
    }

    private static void print(Outcome outcome, PrintWriter out) {
        out.println(Explore.line(outcome));
        if (outcome.violated()) {
            outcome.story().forEach(out::println);
        }
        out.flush();
    }
}
