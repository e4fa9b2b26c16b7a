package io.finemem.allocator.owner;

import io.finemem.allocator.OperationListener;
import io.finemem.allocator.SizeClass;

/**
 * Counts the operations of one worker by size class, and times some of them. Written by the thread that has the worker; others may
 * read the counts, which are then as of a moment ago.
 */
final class OperationProbe {
    /** What {@link #begin} of an operation returns that is not timed. */
    static final long NOT_TIMED = 0;

    private final long[] allocations = new long[SizeClass.COUNT];
    private final long[] frees = new long[SizeClass.COUNT];
    private volatile OperationListener listener = OperationListener.NONE;
    private int allocationsLeft;
    private int freesLeft;

    void observe(OperationListener value) {
        listener = value;
    }

    void countAllocation(long bytes) {
        allocations[SizeClass.of(bytes)]++;
    }

    void countFree(long bytes) {
        frees[SizeClass.of(bytes)]++;
    }

    long allocations(int sizeClass) {
        return allocations[sizeClass];
    }

    long frees(int sizeClass) {
        return frees[sizeClass];
    }

    /** When an allocation begins that is timed; otherwise {@link #NOT_TIMED}. */
    long beginAllocation() {
        if (listener == OperationListener.NONE || --allocationsLeft > 0) {
            return NOT_TIMED;
        }
        allocationsLeft = OperationListener.PERIOD;
        return now();
    }

    void allocated(long begun, long bytes) {
        if (begun != NOT_TIMED) {
            listener.allocated(SizeClass.of(bytes), System.nanoTime() - begun);
        }
    }

    /** When a free begins that is timed; otherwise {@link #NOT_TIMED}. */
    long beginFree() {
        if (listener == OperationListener.NONE || --freesLeft > 0) {
            return NOT_TIMED;
        }
        freesLeft = OperationListener.PERIOD;
        return now();
    }

    void freed(long begun, long bytes) {
        if (begun != NOT_TIMED) {
            listener.freed(SizeClass.of(bytes), System.nanoTime() - begun);
        }
    }

    private static long now() {
        return System.nanoTime() | 1; // never NOT_TIMED
    }
}
