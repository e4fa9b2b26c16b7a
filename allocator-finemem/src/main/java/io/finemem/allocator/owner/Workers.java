package io.finemem.allocator.owner;

import io.finemem.allocator.OperationListener;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OperationTimeout;
import java.util.Arrays;
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

    /** The last one, if it is there, is the pump's and not lent to others. */
    private volatile Worker[] workers;

    private final int lent;
    private final AtomicIntegerArray flags;
    /** How many wait for each worker for upkeep. */
    private final AtomicIntegerArray upkeep;

    private final long timeoutNanos;
    private volatile boolean shut;

    Workers(Worker[] workers, long timeoutNanos) {
        this.workers = workers.clone();
        this.lent = workers.length;
        this.flags = new AtomicIntegerArray((lent + 1) * STRIDE);
        this.upkeep = new AtomicIntegerArray((lent + 1) * STRIDE);
        this.timeoutNanos = timeoutNanos;
    }

    /** Takes a free worker; its position is given back by {@link #release}. */
    int acquire() {
        requireOpen();
        int preferred = (int) (Thread.currentThread().getId() % lent);
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
                lent,
                "millis",
                TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
    }

    /** All workers, the pump's included. */
    int count() {
        return workers.length;
    }

    /** Workers that are lent, which are the first ones. */
    int lent() {
        return lent;
    }

    private int tryAll(int preferred) {
        for (int i = 0; i < lent; i++) {
            int position = preferred + i < lent ? preferred + i : preferred + i - lent;
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

    /** Adds the pump's worker, which is at {@link #pumpPosition} and never lent. */
    synchronized void addPumpWorker(Worker worker) {
        Worker[] more = Arrays.copyOf(workers, lent + 1);
        more[lent] = worker;
        workers = more;
    }

    int pumpPosition() {
        return lent;
    }

    /** The pump begins to use its worker; false while another has it for upkeep. */
    boolean tryAcquireForPump() {
        int index = lent * STRIDE;
        return upkeep.get(index) == 0 && flags.compareAndSet(index, FREE, BUSY);
    }

    /** Whether the pump is to give its worker up for a while. */
    boolean wantedFromPump() {
        return upkeep.get(lent * STRIDE) != 0;
    }

    /** Lends no worker any more, and waits for those that are lent. Later calls return false at once. */
    boolean shut() {
        synchronized (this) {
            if (shut) {
                return false;
            }
            shut = true;
        }
        for (int position = 0; position <= lent; position++) {
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

    void observe(OperationListener listener) {
        for (Worker worker : workers) {
            worker.probe().observe(listener);
        }
    }

    long allocationsOf(int sizeClass) {
        long sum = 0;
        for (Worker worker : workers) {
            sum += worker.probe().allocations(sizeClass);
        }
        return sum;
    }

    long freesOf(int sizeClass) {
        long sum = 0;
        for (Worker worker : workers) {
            sum += worker.probe().frees(sizeClass);
        }
        return sum;
    }

    Worker[] all() {
        return workers;
    }
}
