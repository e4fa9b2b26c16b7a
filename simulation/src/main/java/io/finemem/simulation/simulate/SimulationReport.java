package io.finemem.simulation.simulate;

import java.util.Locale;

/**
 * What happened in a run.
 *
 * @param seed the seed, from which everything follows
 * @param knobs what the run was like
 * @param operations remote operations executed
 * @param trace hash of all of them, in order
 * @param allocations blocks allocated
 * @param refused requests for which there was no room
 * @param retries compare-and-swaps of successful allocations that found another value
 * @param mostRetries the most of one allocation
 * @param deaths owners that died
 * @param suspicions owners that learned that they were fenced
 * @param losses connections that failed
 * @param recovered owners recovered, by memory node
 * @param restarts resolvers that stopped and began again
 * @param failure what broke; empty if nothing did
 */
public record SimulationReport(
        long seed,
        String knobs,
        long operations,
        long trace,
        long allocations,
        long refused,
        long retries,
        int mostRetries,
        long deaths,
        long suspicions,
        long losses,
        long recovered,
        long restarts,
        String failure) {

    /** Whether an invariant broke. */
    public boolean failed() {
        return !failure.isEmpty();
    }

    /** Failed compare-and-swaps per allocation. */
    public double meanRetries() {
        return allocations == 0 ? 0 : (double) retries / allocations;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "seed %d trace %016x: %,d operations, %,d allocations, %,d refused, retries mean %.3f max %d,"
                        + " %d deaths, %d false suspicions, %d losses, %d recovered, %d resolver restarts%n  %s%s",
                seed,
                trace,
                operations,
                allocations,
                refused,
                meanRetries(),
                mostRetries,
                deaths,
                suspicions,
                losses,
                recovered,
                restarts,
                knobs,
                failed() ? String.format("%n  FAILED: %s", failure) : "");
    }
}
