package io.finemem.simulation.explore;

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
    /** States of each scenario, unless chosen otherwise. */
    public static final long DEFAULT_STATES = 500_000;

    private Explore() {}

    /** Names of all scenarios, with what each looks for after a colon. */
    public static List<String> scenarios() {
        return Scenarios.ALL.stream()
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
     * Explores all scenarios.
     *
     * @param maxStates states of each scenario
     * @param threads scenarios explored at the same time
     * @param heard hears of each outcome, in the order of the scenarios
     */
    public static List<Outcome> all(long maxStates, int threads, Consumer<Outcome> heard) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Outcome>> futures = new ArrayList<>();
            for (Scenario scenario : Scenarios.ALL) {
                futures.add(executor.submit(() -> Explorer.explore(scenario, Rules.KEPT, maxStates)));
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

    /** One line for people. */
    public static String line(Outcome outcome) {
        double seconds = outcome.time().toNanos() / 1e9;
        return String.format(
                Locale.ROOT,
                "%-18s %,12d states %,13d steps %6.1f s %,9.0f states/s  %s",
                outcome.scenario(),
                outcome.states(),
                outcome.transitions(),
                seconds,
                outcome.states() / Math.max(seconds, 1e-9),
                outcome.violated() ? "VIOLATED" : outcome.complete() ? "complete" : "cut off");
    }
}
