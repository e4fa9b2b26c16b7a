package io.finemem.runtime.soak;

import java.util.Locale;

/**
 * What a kill loop did; it ends with an exception instead if anything was wrong.
 *
 * @param seed of the run
 * @param killedOwners owners that were killed
 * @param killedProcesses processes that were killed
 * @param stoppedProcesses processes that were stopped for longer than their lease and went on
 * @param fencedOwners owners that learnt that they were taken for dead and joined again
 * @param operations allocations and frees that survivors and victims reported
 * @param checks complete checks: all owners paused, every block read, the pool audited
 * @param poolChunks chunks of 4 KiB in the pool, all of them allocated once at the end
 * @param seconds of the run
 */
public record SoakReport(
        long seed,
        int killedOwners,
        int killedProcesses,
        int stoppedProcesses,
        int fencedOwners,
        long operations,
        int checks,
        long poolChunks,
        double seconds) {

    /** The report in one paragraph. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "passed: %d owners in %d processes killed, %d processes stopped past their lease (%d owners fenced, all"
                        + " joined again), %,d operations, %d checks, 0 of %,d chunks lost, 0 double, %.1f s, seed %d",
                killedOwners,
                killedProcesses,
                stoppedProcesses,
                fencedOwners,
                operations,
                checks,
                poolChunks,
                seconds,
                seed);
    }
}
