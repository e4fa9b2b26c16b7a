package io.finemem.simulation.explore;

import io.finemem.simulation.explore.Outcome.End;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import org.jspecify.annotations.Nullable;

/**
 * How far an exploration goes. It always ends before the heap is full: when after a garbage collection too little is left.
 *
 * @param states states of the scenario
 * @param deadline by {@link System#nanoTime}; {@link #NEVER} is none
 */
record Limits(long states, long deadline) {
    static final long NEVER = Long.MAX_VALUE;
    /** States are numbered by ints, and arrays of them grow by doubling. */
    static final long MOST_STATES = Integer.MAX_VALUE / 4;

    private static final double MOST_OF_HEAP = 0.8;

    static Limits of(long states) {
        return new Limits(Math.min(states, MOST_STATES), NEVER);
    }

    /** Why no more states may be looked at, or null. */
    @Nullable
    End reached() {
        if (deadline != NEVER && System.nanoTime() - deadline >= 0) {
            return End.TIME;
        }
        return heapIsFull() ? End.MEMORY : null;
    }

    /** What the last collection left may be garbage by now: before the answer is yes, all of it is collected. */
    private static boolean heapIsFull() {
        if (!seemsFull()) {
            return false;
        }
        synchronized (Limits.class) {
            if (seemsFull()) {
                System.gc();
            }
            return seemsFull();
        }
    }

    private static boolean seemsFull() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage afterCollection = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            used += afterCollection == null ? 0 : afterCollection.getUsed();
        }
        return used > Runtime.getRuntime().maxMemory() * MOST_OF_HEAP;
    }
}
