package io.finemem.simulation.explore;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Explores scenarios of the protocol that ships: the entry for programs and for people. */
public final class Explore {
    private Explore() {}

    /** Names of all scenarios, with what each looks for after a colon. */
    public static List<String> scenarios() {
        return Scenarios.all().stream()
                .map(scenario -> scenario.name() + ": " + scenario.question())
                .toList();
    }

    /**
     * Explores one scenario.
     *
     * @param maxStates after so many states it ends
     * @throws IllegalArgumentException if there is no such scenario
     */
    public static Outcome scenario(String name, long maxStates) {
        return Explorer.explore(Scenarios.named(name), Rules.KEPT, maxStates);
    }

    /**
     * Explores one scenario.
     *
     * @param progress hears every 10 seconds how far it is, in a line for people
     * @throws IllegalArgumentException if there is no such scenario
     */
    public static Outcome scenario(String name, Effort effort, Consumer<String> progress) {
        return run(List.of(Scenarios.named(name)), effort, outcome -> {}, progress)
                .get(0);
    }

    /**
     * Explores all scenarios.
     *
     * @param heard hears of each outcome, in the order of the scenarios
     * @param progress hears every 10 seconds how far it is, in a line for people; on another thread
     */
    public static List<Outcome> all(Effort effort, Consumer<Outcome> heard, Consumer<String> progress) {
        return run(Scenarios.all(), effort, heard, progress);
    }

    private static List<Outcome> run(
            List<Scenario> scenarios, Effort effort, Consumer<Outcome> heard, Consumer<String> progress) {
        ExecutorService executor = Executors.newFixedThreadPool(effort.threads());
        try (Campaign campaign = new Campaign(scenarios.size(), effort, progress)) {
            List<Future<Outcome>> futures = new ArrayList<>();
            for (Scenario scenario : scenarios) {
                futures.add(executor.submit(() -> campaign.explore(scenario)));
            }
            List<Outcome> outcomes = new ArrayList<>();
            for (Future<Outcome> future : futures) {
                Outcome outcome = future.get();
                heard.accept(outcome);
                outcomes.add(outcome);
            }
            return outcomes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the exploration was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the exploration failed", e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }

    /**
     * Tells the way to a state, a step per line.
     *
     * @param trace as an {@link Outcome} gave it
     * @throws IllegalArgumentException if there is no such scenario, or no such way in it
     */
    public static List<String> replay(String name, String trace) {
        return Explorer.replay(Scenarios.named(name), Rules.KEPT, Trace.of(trace));
    }

    /** One line for people. */
    public static String line(Outcome outcome) {
        double seconds = outcome.time().toNanos() / 1e9;
        return String.format(
                Locale.ROOT,
                "%-20s %,12d states %,13d steps %6.1f s %,9.0f states/s  %s",
                outcome.scenario(),
                outcome.states(),
                outcome.transitions(),
                seconds,
                outcome.states() / Math.max(seconds, 1e-9),
                outcome.end().text());
    }

    /** The sum of all outcomes, for people. */
    public static String summary(List<Outcome> outcomes, Duration time) {
        return String.format(
                Locale.ROOT,
                "%d scenarios, %d complete, %d violated: %,d states, %,d steps in %.1f s",
                outcomes.size(),
                outcomes.stream().filter(Outcome::complete).count(),
                outcomes.stream().filter(Outcome::violated).count(),
                outcomes.stream().mapToLong(Outcome::states).sum(),
                outcomes.stream().mapToLong(Outcome::transitions).sum(),
                time.toNanos() / 1e9);
    }
}
