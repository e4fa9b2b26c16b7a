package io.finemem.allocator.owner;

import io.finemem.api.MemoryClosed;
import io.finemem.api.OperationTimeout;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Lends workers to threads. A thread prefers the worker it used before, so that with as many workers as threads each keeps
 * its own without a lock or a thread-local.
 */
final class Workers {
    /** Each flag has a cache line, so that threads with a worker of their own do not disturb each other. */
    private static final int STRIDE = 64 / Integer.BYTES;

    private static final int FREE = 0;
    private static final int BUSY = 1;
    /** Free for upkeep only: a thread that works without a pause would hardly ever leave it to others. */
    private static final int RESERVED = 2;

    private static final int SPINS = 128;
    private static final int YIELDS = 1024;
    private static final long PARK_NANOS = 50_000;

    private final Worker[] workers;
    private final AtomicIntegerArray flags;
    /** How many wait for each worker for upkeep. */
    private final AtomicIntegerArray upkeep;

    private final long timeoutNanos;
    private volatile boolean shut;

    Workers(Worker[] workers, long timeoutNanos) {
        this.workers = workers;
        this.flags = new AtomicIntegerArray(workers.length * STRIDE);
        this.upkeep = new AtomicIntegerArray(workers.length * STRIDE);
        this.timeoutNanos = timeoutNanos;
    }

    /** Takes a free worker; its position is given back by {@link #release}. */
    int acquire() {
        requireOpen();
        int preferred = (int) (Thread.currentThread().getId() % workers.length);
        int taken = tryAll(preferred);
        return taken >= 0 ? taken : await(preferred);
    }

    /** Takes this very worker, for upkeep, before any thread that waits for one; false if it stayed busy for that long. */
    boolean acquire(int position, long nanos) {
        int index = position * STRIDE;
        upkeep.incrementAndGet(index);
        try {
            long deadline = System.nanoTime() + Math.min(nanos, timeoutNanos);
            for (int attempt = 0; !takeForUpkeep(index); attempt++) {
                requireOpen();
                if (System.nanoTime() - deadline > 0) {
                    return false;
                }
                pause(attempt);
            }
            return true;
        } finally {
            upkeep.decrementAndGet(index);
            freeIfNotWanted(index);
        }
    }

    private boolean takeForUpkeep(int index) {
        return flags.compareAndSet(index, RESERVED, BUSY) || flags.compareAndSet(index, FREE, BUSY);
    }

    private void freeIfNotWanted(int index) {
        if (upkeep.get(index) == 0) {
            flags.compareAndSet(index, RESERVED, FREE);
        }
    }

    private OperationTimeout busy() {
        return new OperationTimeout(
                "all workers stayed busy; nothing was sent",
                "workers",
                workers.length,
                "millis",
                TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
    }

    int count() {
        return workers.length;
    }

    private int tryAll(int preferred) {
        for (int i = 0; i < workers.length; i++) {
            int position = preferred + i < workers.length ? preferred + i : preferred + i - workers.length;
            if (flags.get(position * STRIDE) == FREE && flags.compareAndSet(position * STRIDE, FREE, BUSY)) {
                return position;
            }
        }
        return -1;
    }

    private int await(int preferred) {
        long deadline = System.nanoTime() + timeoutNanos;
        for (int attempt = 0; ; attempt++) {
            int taken = tryAll(preferred);
            if (taken >= 0) {
                return taken;
            }
            requireOpen();
            if (System.nanoTime() - deadline > 0) {
                throw busy();
            }
            pause(attempt);
        }
    }

    private static void pause(int attempt) {
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else if (attempt < YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(PARK_NANOS);
        }
    }

    /** Lends no worker any more, and waits for those that are lent. Later calls return false at once. */
    boolean shut() {
        synchronized (this) {
            if (shut) {
                return false;
            }
            shut = true;
        }
        for (int position = 0; position < workers.length; position++) {
            for (int attempt = 0; !flags.compareAndSet(position * STRIDE, FREE, BUSY); attempt++) {
                pause(attempt);
            }
        }
        return true;
    }

    boolean isShut() {
        return shut;
    }

    private void requireOpen() {
        if (shut) {
            throw new MemoryClosed("the RemoteMemory was closed");
        }
    }

    Worker get(int position) {
        return workers[position];
    }

    void release(int position) {
        int index = position * STRIDE;
        if (upkeep.get(index) == 0) {
            flags.setRelease(index, FREE);
        } else {
            flags.set(index, RESERVED);
            freeIfNotWanted(index);
        }
    }

    Worker[] all() {
        return workers;
    }
}
