package io.finemem.allocator.owner;

import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread behind the asynchronous calls of an owner, and the bounded queue before it. Started by the first call; parks
 * while there is nothing to do. It holds the pump's worker while something is under way, and gives it up, with nothing under
 * way, when the worker is wanted to settle.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class AsyncPump implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AsyncPump.class);
    private static final int SPINS = 64;
    private static final int YIELDS = 512;
    private static final long PAUSE_NANOS = 50_000;

    private final Workers workers;
    private final Supplier<AsyncWorker> opening;
    private final MpscAtomicArrayQueue<AsyncRequest> queue;
    private final Thread thread;
    private @Nullable AsyncWorker worker;
    private @Nullable RuntimeException defect;
    private volatile boolean started;
    private volatile boolean sleeping;
    private volatile boolean closing;
    private volatile boolean ended;

    /**
     * A pump that does nothing yet.
     *
     * @param opening connects the pump's worker
     * @param capacity requests that wait, 2 or more; rounded up to a power of two
     */
    AsyncPump(String name, Workers workers, Supplier<AsyncWorker> opening, int capacity) {
        this.workers = workers;
        this.opening = opening;
        this.queue = new MpscAtomicArrayQueue<>(capacity);
        this.thread = new Thread(this::run, "finemem-async-" + name);
        thread.setDaemon(true);
    }

    /** Takes a request, or completes it at once with the reason why not; false then. Never blocks. */
    boolean offer(AsyncRequest request) {
        if (closing) {
            request.failed(closed()).deliver();
            return false;
        }
        start();
        if (!queue.offer(request)) {
            request.failed(full()).deliver();
            return false;
        }
        if (sleeping) {
            LockSupport.unpark(thread);
        }
        if (ended) {
            rejectQueued(closed());
        }
        return true;
    }

    private OutOfLocalResources full() {
        return new OutOfLocalResources(
                "the queue of asynchronous operations is full; let some complete first, or raise finemem.client.async-queue",
                "capacity",
                queue.capacity());
    }

    private static MemoryClosed closed() {
        return new MemoryClosed("the RemoteMemory was closed before the operation was begun");
    }

    private void start() {
        if (!started) {
            synchronized (this) {
                if (!started && !closing) {
                    started = true;
                    thread.start();
                }
            }
        }
    }

    private void run() {
        RuntimeException cause = closed();
        while (!closing) {
            work();
        }
        if (defect != null) {
            cause = defect;
        } else if (worker != null) {
            worker.rejectWaiting(cause);
        }
        ended = true;
        rejectQueued(cause);
    }

    private void work() {
        if (!hasWork()) {
            rest();
            return;
        }
        AsyncWorker ready = ready();
        if (ready == null) {
            return;
        }
        if (!workers.tryAcquireForPump()) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
            return;
        }
        try {
            serve(ready);
        } catch (RuntimeException | Error e) {
            LOG.error("asynchronous operations of this owner end, because of a defect", e);
            defect = new IllegalStateException("the thread of asynchronous operations ended", e);
            closing = true;
            ready.abandon(defect);
        } finally {
            workers.release(workers.pumpPosition());
        }
    }

    private boolean hasWork() {
        return !queue.isEmpty() || worker != null && worker.hasWaiting();
    }

    private void rest() {
        for (int i = 0; i < SPINS; i++) {
            Thread.onSpinWait();
            if (!queue.isEmpty()) {
                return;
            }
        }
        sleeping = true;
        if (queue.isEmpty() && !closing) {
            LockSupport.park(this);
        }
        sleeping = false;
    }

    /** The worker; null if it could not be connected, after everything in the queue was told why. */
    private @Nullable AsyncWorker ready() {
        if (worker == null) {
            try {
                worker = opening.get();
            } catch (RuntimeException e) {
                rejectQueued(e);
            }
        }
        return worker;
    }

    /** Until nothing is left to do, or the worker is wanted elsewhere; then nothing is under way. */
    private void serve(AsyncWorker ready) {
        int idle = 0;
        while (true) {
            boolean stop = closing || workers.wantedFromPump();
            boolean progress = ready.land();
            if (!stop) {
                progress |= ready.workInStep();
                progress |= ready.admit(queue);
            }
            ready.deliver();
            if (ready.underWay() == 0 && (stop || !hasWork())) {
                return;
            }
            idle = progress ? 0 : pause(idle);
        }
    }

    private int pause(int idle) {
        if (idle < SPINS) {
            Thread.onSpinWait();
        } else if (idle < YIELDS) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
        return idle + 1;
    }

    private synchronized void rejectQueued(RuntimeException cause) {
        for (AsyncRequest request = queue.poll(); request != null; request = queue.poll()) {
            request.failed(cause).deliver();
        }
    }

    /**
     * Ends: what is under way completes, what waits ends with {@link MemoryClosed}. Later calls wait for the same.
     *
     * @throws InvalidRequest if it is called by what was attached to a stage and runs on the pump's thread
     */
    @Override
    public void close() {
        if (Thread.currentThread() == thread) {
            throw new InvalidRequest(
                    "close() must not be called on the thread that completes asynchronous operations",
                    "thread",
                    thread.getName());
        }
        boolean join;
        synchronized (this) {
            closing = true;
            join = started;
        }
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (join && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
