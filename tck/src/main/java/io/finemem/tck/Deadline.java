package io.finemem.tck;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** A bound for a wait: conditions are polled, and what takes too long is a failure that says what was waited for. */
final class Deadline {
    private static final int SPINS = 200;

    private final long start = System.nanoTime();
    private final long nanos;
    private int polls;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    static Deadline in(Duration patience) {
        return new Deadline(patience.toNanos());
    }

    /** Polls the condition until it holds. */
    static void await(String what, Duration patience, BooleanSupplier condition) {
        Deadline deadline = in(patience);
        while (!condition.getAsBoolean()) {
            deadline.pause(what);
        }
    }

    /** Between two polls: gives way to others, or fails if the time is over. */
    void pause(String what) {
        if (++polls < SPINS) {
            Thread.onSpinWait();
            return;
        }
        if (expired()) {
            throw new AssertionError("not within " + nanos / 1_000_000 + " ms: " + what);
        }
        Thread.yield();
    }

    boolean expired() {
        return System.nanoTime() - start > nanos;
    }
}
