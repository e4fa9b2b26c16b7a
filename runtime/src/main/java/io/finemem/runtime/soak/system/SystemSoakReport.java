package io.finemem.runtime.soak.system;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run did; it ends with an exception instead if anything was wrong.
 *
 * @param seed of the run
 * @param faults how often each was done
 * @param operations allocations and frees that applications reported, those of the killed ones included
 * @param sessions sessions that applications opened because one before was lost
 * @param lostBlocks blocks that ended with a typed error because what held them was lost
 * @param seconds of the load
 */
public record SystemSoakReport(
        long seed, Map<Fault, Integer> faults, long operations, long sessions, long lostBlocks, double seconds) {

    /** The report in one paragraph. */
    public String text() {
        String done = faults.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "passed: %s; %,d operations, %d sessions opened anew, %d blocks ended by a typed error, 0 wrong bytes, 0 chunks"
                        + " leaked, audits clean, %.1f s, seed %d",
                done.isEmpty() ? "no faults" : done,
                operations,
                sessions,
                lostBlocks,
                seconds,
                seed);
    }
}
