package io.finemem.runtime.demo;

import io.finemem.allocator.OperationCosts;
import io.finemem.runtime.trace.ReplayTally;
import java.util.List;

/**
 * What one compute process did and found.
 *
 * @param number of the process; {@link #SERVICE} for the allocation service, whose operations were counted by the others
 * @param replayedEvents events of the traces that were replayed
 * @param checkedBytes bytes written, read back and found right
 * @param failures overwritten blocks and calls that failed
 * @param firstFailures the first few in words
 * @param allocationCosts what the allocations of the replay posted
 * @param freeCosts what its frees posted
 * @param allocateNanos latencies, as {@link Latencies#encode}
 * @param freeNanos latencies
 * @param rawCasNanos latencies of single compare-and-swaps before and after the replay
 */
record ComputeResult(
        int number,
        long replayedEvents,
        long checkedBytes,
        long failures,
        List<String> firstFailures,
        OperationCosts allocationCosts,
        OperationCosts freeCosts,
        String allocateNanos,
        String freeNanos,
        String rawCasNanos) {

    /** Number of the allocation service. */
    static final int SERVICE = 0;

    /** What the service posted for others; it replayed nothing. */
    static ComputeResult ofService(OperationCosts allocations, OperationCosts frees, String rawCasNanos) {
        String none = Latencies.encode(Latencies.empty());
        return new ComputeResult(
                SERVICE, 0, 0, 0, List.of(), uncounted(allocations), uncounted(frees), none, none, rawCasNanos);
    }

    private static OperationCosts uncounted(OperationCosts costs) {
        return new OperationCosts(0, costs.doorbells(), costs.roundTrips(), costs.verbs());
    }

    /** The result of a replay. */
    static ComputeResult of(
            int number, ReplayTally tally, OperationCosts allocations, OperationCosts frees, String rawCasNanos) {
        return new ComputeResult(
                number,
                tally.replayedEvents(),
                tally.checkedBytes(),
                tally.failures(),
                tally.firstFailures(),
                allocations,
                frees,
                Latencies.encode(tally.allocateNanos()),
                Latencies.encode(tally.freeNanos()),
                rawCasNanos);
    }
}
