package io.finemem.transport.shm;

import java.util.concurrent.locks.LockSupport;

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
        long before = end.busy();
        return before == End.IDLE || await(() -> end.busy() != before, deadlineNanos);
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
