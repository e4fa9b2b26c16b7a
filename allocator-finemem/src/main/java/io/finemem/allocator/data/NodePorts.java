package io.finemem.allocator.data;

import io.finemem.api.MemoryClosed;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The ports to one memory node. A thread prefers the port it used before, so that with as many ports as threads each keeps its
 * own without a lock or a thread-local.
 */
final class NodePorts implements AutoCloseable {
    /** Each flag has a cache line, so that threads with a port of their own do not disturb each other. */
    private static final int STRIDE = 64 / Integer.BYTES;

    private static final int FREE = 0;
    private static final int BUSY = 1;
    private static final int SPINS = 128;
    private static final int YIELDS = 1024;
    private static final long PARK_NANOS = 50_000;

    private final HeapConnector connector;
    private final HeapPort[] ports;
    private final AtomicIntegerArray flags;
    private final long timeoutNanos;
    private final Capabilities capabilities;
    private @Nullable AsyncPort async;
    private volatile boolean shut;

    NodePorts(ProtectionDomain domain, HeapConnector connector, int count, long timeoutNanos) {
        this.connector = connector;
        this.timeoutNanos = timeoutNanos;
        this.capabilities = domain.transport().capabilities();
        this.flags = new AtomicIntegerArray(count * STRIDE);
        this.ports = new HeapPort[count];
        for (int i = 0; i < count; i++) {
            ports[i] = new HeapPort(domain, connector, i, timeoutNanos);
        }
    }

    /** Makes the connection of a port before it is first used. */
    void connect(int position) {
        HeapPort port = ports[position];
        if (!flags.compareAndSet(position * STRIDE, FREE, BUSY)) {
            return; // in use: connected by its user
        }
        try {
            port.connect();
        } finally {
            release(port);
        }
    }

    /**
     * Takes a free port; given back by {@link #release}.
     *
     * @throws io.finemem.api.MemoryNodeLost if the node was given up
     * @throws MemoryClosed after {@link #shut}
     * @throws OperationTimeout if all ports stayed busy
     */
    HeapPort acquire() {
        connector.requireUsable();
        requireOpen();
        int preferred = (int) (Thread.currentThread().getId() % ports.length);
        HeapPort port = tryAll(preferred);
        return port != null ? port : await(preferred);
    }

    /** The port for asynchronous transfers; its connection is made by the first of them. */
    synchronized AsyncPort async() {
        connector.requireUsable();
        requireOpen();
        AsyncPort port = async;
        if (port == null) {
            port = new AsyncPort(connector, capabilities, timeoutNanos);
            async = port;
        }
        return port;
    }

    private HeapPort await(int preferred) {
        long deadline = System.nanoTime() + timeoutNanos;
        for (int attempt = 0; ; attempt++) {
            HeapPort port = tryAll(preferred);
            if (port != null) {
                return port;
            }
            connector.requireUsable();
            requireOpen();
            if (System.nanoTime() - deadline > 0) {
                throw new OperationTimeout(
                        "all data connections to memory node " + connector.memoryNode()
                                + " stayed busy; nothing was sent",
                        "connections",
                        ports.length,
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            pause(attempt);
        }
    }

    private @Nullable HeapPort tryAll(int preferred) {
        for (int i = 0; i < ports.length; i++) {
            int position = preferred + i < ports.length ? preferred + i : preferred + i - ports.length;
            if (flags.get(position * STRIDE) == FREE && flags.compareAndSet(position * STRIDE, FREE, BUSY)) {
                return ports[position];
            }
        }
        return null;
    }

    void release(HeapPort port) {
        flags.setRelease(port.position() * STRIDE, FREE);
    }

    /** Lends no port any more, waits for those that are lent and for asynchronous transfers under way. */
    synchronized void shut() {
        if (shut) {
            return;
        }
        shut = true;
        if (async != null) {
            async.close();
        }
        for (int position = 0; position < ports.length; position++) {
            for (int attempt = 0; !flags.compareAndSet(position * STRIDE, FREE, BUSY); attempt++) {
                pause(attempt);
            }
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

    private void requireOpen() {
        if (shut) {
            throw new MemoryClosed("the RemoteMemory was closed");
        }
    }

    /** Call {@link #shut} first. */
    @Override
    public void close() {
        for (HeapPort port : ports) {
            port.close();
        }
    }
}
