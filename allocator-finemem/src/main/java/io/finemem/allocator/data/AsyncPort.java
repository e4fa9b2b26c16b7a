package io.finemem.allocator.data;

import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Capabilities;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous transfers to one memory node: a queue, and a thread that posts them on a connection of its own and takes their
 * completions. The thread sleeps while there is nothing to do.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class AsyncPort {
    private static final int MAX_WAITING = 4096;
    private static final int SPINS = 128;
    private static final int YIELDS = 1024;
    private static final long PARK_NANOS = 20_000;

    private final Queue<AsyncTransfer> incoming = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final String memoryNode;
    private final AsyncLink link;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean sleeping;

    AsyncPort(HeapConnector connector, Capabilities capabilities, long timeoutNanos) {
        this.memoryNode = connector.memoryNode();
        this.link = new AsyncLink(connector, capabilities, timeoutNanos, this::next);
        this.thread = new Thread(this::run, "finemem-data-" + memoryNode);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Queues a transfer.
     *
     * @throws OutOfLocalResources if too many are queued
     * @throws MemoryClosed after {@link #close}
     */
    void start(AsyncTransfer transfer) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            throw new OutOfLocalResources(
                    "too many transfers wait for the memory node; wait for some of them",
                    "memoryNode",
                    memoryNode,
                    "max",
                    MAX_WAITING);
        }
        incoming.add(transfer);
        if (closed && incoming.remove(transfer)) {
            waiting.decrementAndGet();
            throw closed();
        }
        if (sleeping) {
            LockSupport.unpark(thread);
        }
    }

    private @Nullable AsyncTransfer next() {
        AsyncTransfer transfer = incoming.poll();
        if (transfer != null) {
            waiting.decrementAndGet();
        }
        return transfer;
    }

    private void run() {
        int idle = 0;
        while (!closed || link.busy()) {
            if (closed) {
                endWaiting();
            }
            if (link.step()) {
                idle = 0;
            } else if (link.busy()) {
                pause(idle++);
            } else {
                sleep();
            }
        }
        endWaiting();
        link.close();
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

    private void sleep() {
        sleeping = true;
        if (incoming.isEmpty() && !closed) {
            LockSupport.park(this);
        }
        sleeping = false;
    }

    private void endWaiting() {
        for (AsyncTransfer transfer = next(); transfer != null; transfer = next()) {
            transfer.end(closed());
        }
    }

    private static MemoryClosed closed() {
        return new MemoryClosed("the RemoteMemory was closed; nothing was sent");
    }

    /** Ends transfers that wait, waits for those under way, which are bounded by their timeout, and closes the connection. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
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
