package io.finemem.transport.shm;

import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;

/** Waits, within bounds, until operations that were under way have ended. */
final class Quiescence {
    private static final int SPINS = 200;
    private static final int YIELDS = 200;
    private static final long PAUSE_NANOS = 50_000;

    private Quiescence() {}

    /** A condition that is polled. */
    @FunctionalInterface
    interface Condition {
        boolean holds();
    }

    /** Whether the end has finished what it had under way at the call, or its process has died, before the deadline. */
    static boolean await(End end, long deadlineNanos) {
        return await(end, End::busy, deadlineNanos);
    }

    /** The same of operations that {@code busy} finds. */
    static boolean await(End end, ToLongFunction<End> busy, long deadlineNanos) {
        long before = busy.applyAsLong(end);
        return before == End.IDLE || await(() -> busy.applyAsLong(end) != before, deadlineNanos);
    }

    static boolean await(Condition condition, long deadlineNanos) {
        for (int i = 0; !condition.holds(); i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else if (System.nanoTime() - deadlineNanos > 0) {
                return condition.holds();
            } else if (i < SPINS + YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        return true;
    }
}
