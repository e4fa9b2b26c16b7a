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
 * @param strict whether it was strict isolation
 * @param revoked blocks that owners learned to be revoked
 * @param sweeps batches of revocations that were ended
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
        boolean strict,
        long revoked,
        long sweeps,
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
                        + " %d deaths, %d false suspicions, %d losses, %d recovered, %d resolver restarts, %,d revoked in %,d sweeps%n  %s%s",
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
                revoked,
                sweeps,
                knobs,
                failed() ? String.format("%n  FAILED: %s", failure) : "");
    }
}
