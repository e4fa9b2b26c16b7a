package io.finemem.allocator.memorynode;

import java.util.concurrent.atomic.LongAdder;

/** Counts what the resolver does; any thread. */
final class RecoveryCounters {
    private final LongAdder recovered = new LongAdder();
    private final LongAdder units = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder fences = new LongAdder();
    private final LongAdder failedFences = new LongAdder();
    private final LongAdder expiredLeases = new LongAdder();

    void recovered(int owners, long reclaimedUnits, long duration) {
        recovered.add(owners);
        units.add(reclaimedUnits);
        nanos.add(duration);
    }

    void fenced(boolean completed) {
        (completed ? fences : failedFences).increment();
    }

    void leaseExpired() {
        expiredLeases.increment();
    }

    RecoveryReport report() {
        return new RecoveryReport(
                recovered.sum(), units.sum(), nanos.sum(), fences.sum(), failedFences.sum(), expiredLeases.sum());
    }
}
