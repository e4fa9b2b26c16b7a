package io.finemem.transport.shm;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/** Regions, windows and connections that belong together, and the peers' ends that may be at work on them. */
final class ShmDomain implements ProtectionDomain {
    private final ShmTransport transport;
    private final long id;
    private final Set<ShmRegion> regions = new LinkedHashSet<>();
    private final WindowList windows = new WindowList();
    private final Set<ShmConnection> connections = new LinkedHashSet<>();

    /** Ends that may execute elements on memory of this domain. */
    private final CopyOnWriteArrayList<End> requesters = new CopyOnWriteArrayList<>();

    /** This side's ends, which use regions of this domain as their local memory. */
    private final CopyOnWriteArrayList<End> ownEnds = new CopyOnWriteArrayList<>();

    private boolean closed;

    ShmDomain(ShmTransport transport, long id) {
        this.transport = transport;
        this.id = id;
    }

    @Override
    public Transport transport() {
        return transport;
    }

    ShmTransport shm() {
        return transport;
    }

    long id() {
        return id;
    }

    @Override
    public MemoryRegion allocate(long bytes, Set<Access> access) {
        if (bytes < 1 || bytes > ShmTransport.MAX_REGION_BYTES) {
            throw new InvalidRequest(
                    "a region has 1 byte up to the longest region",
                    "bytes",
                    bytes,
                    "max",
                    ShmTransport.MAX_REGION_BYTES);
        }
        requireOpen();
        int rights = Rights.of(access);
        if (rights == 0) {
            return add(ShmRegion.local(this, bytes, direct(bytes)));
        }
        RemoteExtent extent = transport.fabric().newExtent(bytes);
        try {
            return add(ShmRegion.shared(this, bytes, extent, rights));
        } catch (RuntimeException e) {
            transport.fabric().free(extent, true);
            throw e;
        }
    }

    private static Memory direct(long bytes) {
        try {
            return Memory.direct(bytes);
        } catch (OutOfMemoryError e) {
            throw new OutOfLocalResources(
                    e, "not enough memory outside the heap; raise -XX:MaxDirectMemorySize", "wantedBytes", bytes);
        }
    }

    @Override
    public MemoryRegion register(ByteBuffer buffer, Set<Access> access) {
        if (!access.isEmpty()) {
            throw new InvalidRequest(
                    "transport shm cannot open a buffer of the program to peers; use allocate()", "access", access);
        }
        if (!buffer.isDirect() || buffer.isReadOnly() || !buffer.hasRemaining()) {
            throw new InvalidRequest(
                    "only a direct, writable buffer with remaining bytes can be registered", "buffer", buffer);
        }
        requireOpen();
        return add(ShmRegion.local(this, buffer.remaining(), Memory.of(buffer)));
    }

    private synchronized ShmRegion add(ShmRegion region) {
        requireOpen();
        regions.add(region);
        return region;
    }

    @Override
    public synchronized MemoryWindow newWindow() {
        requireOpen();
        ShmWindow window = new ShmWindow(this, transport.fabric().keyTable());
        windows.add(window);
        return window;
    }

    @Override
    public synchronized Connection newConnection(ConnectionOptions options) {
        requireOpen();
        if (options.maxElementsInFlight() > ShmTransport.MAX_ELEMENTS_IN_FLIGHT) {
            throw new OutOfLocalResources(
                    "a connection cannot have room for so many elements",
                    "maxElementsInFlight",
                    options.maxElementsInFlight(),
                    "max",
                    ShmTransport.MAX_ELEMENTS_IN_FLIGHT);
        }
        requesters.removeIf(ShmDomain::lingeringNoMore);
        End end = transport.fabric().newEnd(id, Rights.of(options.servedAccess()));
        ownEnds.add(end);
        ShmConnection connection = new ShmConnection(this, options, end);
        connections.add(connection);
        return connection;
    }

    /** An end whose connection was closed while it was still at work, and that has ended by now. */
    private static boolean lingeringNoMore(End requester) {
        return requester.lingers() && requester.busy() == End.IDLE;
    }

    private synchronized void requireOpen() {
        if (closed || transport.closing()) {
            throw new InvalidRequest("the protection domain is closed");
        }
    }

    /** From now on this end is waited for when keys end. */
    void addRequester(End peer) {
        requesters.add(peer);
    }

    void removeRequester(End peer) {
        requesters.remove(peer);
    }

    /** The ends that may be at work now, as an array that does not change. */
    End[] requesters() {
        return requesters.toArray(new End[0]);
    }

    /** Whether all that peers had under way at the call has ended within the transport's time limit. */
    boolean awaitRequesters() {
        return awaitAll(requesters, End::busy);
    }

    /** The same of operations that {@code busy} finds, such as those on one window. */
    boolean awaitRequesters(ToLongFunction<End> busy) {
        return awaitAll(requesters, busy);
    }

    /** The same for chains of this side, which use regions as local memory. */
    boolean awaitOwnEnds() {
        return awaitAll(ownEnds, End::busy);
    }

    private boolean awaitAll(Iterable<End> ends, ToLongFunction<End> busy) {
        long deadline = transport.deadline();
        for (End end : ends) {
            if (!Quiescence.await(end, busy, deadline)) {
                return false;
            }
        }
        return true;
    }

    synchronized void remove(ShmRegion region) {
        regions.remove(region);
    }

    synchronized void remove(ShmWindow window) {
        windows.remove(window);
    }

    synchronized void remove(ShmConnection connection, End end) {
        connections.remove(connection);
        ownEnds.remove(end);
    }

    /** All that is to be closed before it, and itself, in this order. */
    synchronized List<AutoCloseable> parts() {
        List<AutoCloseable> parts = new ArrayList<>(connections);
        parts.addAll(windows.copy());
        parts.addAll(regions);
        parts.add(this);
        return parts;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (!regions.isEmpty() || windows.size() > 0 || !connections.isEmpty()) {
                throw new InvalidRequest(
                        "the protection domain is in use; close what it holds first",
                        "regions",
                        regions.size(),
                        "windows",
                        windows.size(),
                        "connections",
                        connections.size());
            }
            closed = true;
        }
        transport.remove(this);
    }
}
