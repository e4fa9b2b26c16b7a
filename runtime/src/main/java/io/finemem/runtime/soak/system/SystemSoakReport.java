package io.finemem.runtime.soak.system;

import java.util.Locale;
import java.util.Map;

/**
 * What a run did. If anything was wrong it has ended with an exception, and this is how far it was.
 *
 * @param passed whether nothing was wrong
 * @param seed of the run
 * @param faults what each kind of fault did
 * @param operations allocations and frees that succeeded, those of the killed applications included
 * @param sessions sessions that applications opened because one before was lost
 * @param lostBlocks blocks that ended with a typed error because what held them was lost
 * @param failed allocations that ended with a typed error
 * @param audits audits of a memory node's pool, all clean
 * @param longestPauseMillis longest time from a fault until all worked again that an application did not complete an operation
 * @param seconds of the load
 */
public record SystemSoakReport(
        boolean passed,
        long seed,
        Map<Fault, FaultTally> faults,
        long operations,
        long sessions,
        long lostBlocks,
        long failed,
        long audits,
        long longestPauseMillis,
        double seconds) {

    /** The report: a line for each kind of fault, and one for all. */
    public String text() {
        StringBuilder text = new StringBuilder();
        if (!faults.isEmpty()) {
            text.append(row("fault", "times", "longest pause", "failed allocations", "lost blocks"));
        }
        faults.forEach((fault, tally) -> text.append(row(
                fault.toString(),
                Integer.toString(tally.times()),
                seconds(tally.longestPauseMillis()),
                Long.toString(tally.failed()),
                Long.toString(tally.lostBlocks()))));
        return text.append(String.format(
                        Locale.ROOT,
                        "%s: %d faults; %,d operations, %d sessions opened anew, %d allocations and %d blocks ended by a typed"
                                + " error, longest pause of an application %s,%s %d audits clean, %.1f s, seed %d",
                        passed ? "passed" : "failed",
                        faults.values().stream().mapToInt(FaultTally::times).sum(),
                        operations,
                        sessions,
                        failed,
                        lostBlocks,
                        seconds(longestPauseMillis),
                        passed ? " 0 wrong bytes, 0 chunks leaked," : "",
                        audits,
                        seconds,
                        seed))
                .toString();
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    private static String row(String fault, String times, String pause, String failed, String lost) {
        return String.format(Locale.ROOT, "%-18s %6s %14s %19s %12s%n", fault, times, pause, failed, lost);
    }
}
