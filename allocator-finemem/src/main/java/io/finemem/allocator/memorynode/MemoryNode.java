package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.Transport;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A memory node: lends its heap, holds the metadata, admits and fences owners. Its CPU takes no part in an allocation or a
 * free.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class MemoryNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryNode.class);
    private static final int SERVED_ELEMENTS = 16;

    private final MemoryNodeOptions options;
    private final MetadataLayout layout;
    private final PoolMemory memory;
    private final Journal journal;
    private final Resolver resolver;
    private final PoolDescription description;
    private final PoolUsage usage;
    private final Drain drain;
    private final Set<OwnerSession> sessions = new LinkedHashSet<>();
    private final ReadWriteLock audits = new ReentrantReadWriteLock();
    private int lastOwnerId;
    private boolean closed;

    private MemoryNode(
            MemoryNodeOptions options, MetadataLayout layout, PoolMemory memory, @Nullable BlockWindows windows) {
        this.options = options;
        this.layout = layout;
        this.memory = memory;
        this.journal = new Journal(memory.metadata(), layout);
        this.description = new PoolDescription(
                options.name(),
                new SecureRandom().nextLong(),
                options.isolation(),
                layout.sections(),
                memory.metadata().address(),
                memory.metadata().rkey(),
                memory.heap().address(),
                options.labels());
        memory.format(layout, description.bootNonce());
        this.resolver = new Resolver(options, layout, memory.metadata(), journal, windows);
        this.usage = new PoolUsage(memory.metadata(), layout, System::nanoTime);
        this.drain = new Drain(options, resolver, () -> whileOpen(usage::usedBytes) == 0);
        LOG.info(
                "memory node {} lends {} MiB, isolation {}, to at most {} owners; metadata takes {} % of it",
                options.name(),
                options.poolBytes() >> 20,
                options.isolation().name().toLowerCase(Locale.ROOT),
                options.maxOwners(),
                String.format(Locale.ROOT, "%.3f", 100 * metadataRatio()));
    }

    /**
     * Reserves and formats the memory.
     *
     * @param transport device that serves it; not closed by this object, and to be closed after it
     * @throws OutOfLocalResources if the memory does not suffice; nothing is left behind
     * @throws InvalidConfiguration in strict isolation, if the transport has too few memory windows for the pool
     */
    public static MemoryNode open(Transport transport, MemoryNodeOptions options) {
        return open(transport, options, RegionPlacement.ANYWHERE);
    }

    /** The same with memory at a certain place of the machine. */
    public static MemoryNode open(Transport transport, MemoryNodeOptions options, RegionPlacement placement) {
        return options.isolation() == Isolation.STRICT
                ? openStrict(transport, options, placement)
                : openDirect(transport, options, placement);
    }

    private static MemoryNode openDirect(Transport transport, MemoryNodeOptions options, RegionPlacement placement) {
        MetadataLayout layout = MetadataLayout.of(options.sections(), options.maxOwners());
        PoolMemory memory = PoolMemory.reserve(transport, layout, Isolation.DIRECT, placement);
        memory.shareHeap(layout);
        return new MemoryNode(options, layout, memory, null);
    }

    private static MemoryNode openStrict(Transport transport, MemoryNodeOptions options, RegionPlacement placement) {
        BlockWindows.requireRoom(transport.capabilities(), options);
        MetadataLayout layout = MetadataLayout.strict(options.sections(), options.maxOwners());
        PoolMemory memory = PoolMemory.reserve(transport, layout, Isolation.STRICT, placement);
        try {
            return new MemoryNode(options, layout, memory, BlockWindows.bind(memory, layout, options));
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** The pool. */
    public PoolDescription describe() {
        return description;
    }

    /** Bytes of metadata per byte of heap. */
    public double metadataRatio() {
        return (double) layout.bytes() / layout.heapBytes();
    }

    /**
     * A session for an authenticated peer.
     *
     * @param peerName who it is, for logs
     */
    public synchronized MemoryNodeControl newSession(String peerName) {
        requireOpen();
        OwnerSession session = new OwnerSession(this, peerName);
        sessions.add(session);
        return session;
    }

    /** Walks over all metadata; owners may go on working meanwhile. */
    public AuditReport audit() {
        return whileOpen(() -> {
            int owners = resolver.owners().size();
            return new Auditor(options.name(), memory.metadata(), layout, owners).audit(resolver.auditKeys());
        });
    }

    /** Does something that reads the memory, which is not released meanwhile. */
    private <T> T whileOpen(Supplier<T> reading) {
        audits.readLock().lock();
        try {
            synchronized (this) {
                requireOpen();
            }
            return reading.get();
        } finally {
            audits.readLock().unlock();
        }
    }

    /** Few numbers on how the node is doing; owners may go on working meanwhile. */
    public NodeStatistics statistics() {
        return whileOpen(() -> new NodeStatistics(
                options.name(),
                description.bootNonce(),
                drain.state(),
                options.labels(),
                layout.heapBytes(),
                usage.usedBytes(),
                usage.blocks(journal, resolver.owners()),
                resolver.owners().size(),
                sessions()));
    }

    private synchronized int sessions() {
        return sessions.size();
    }

    HeartbeatReply reply(long settleRequested) {
        return new HeartbeatReply(settleRequested, drain.state(), whileOpen(usage::recentFreeBytes));
    }

    /** Whether allocations are welcome. */
    public NodeState state() {
        return drain.state();
    }

    /** Owners are told, with their next heartbeats, to allocate elsewhere, or here again. */
    public void drain(boolean wanted) {
        drain.set(wanted ? NodeState.DRAINING : NodeState.SERVING);
    }

    /** Is called after every change of {@link #state}, by the thread that changed it. */
    public void onStateChange(Consumer<NodeState> listener) {
        drain.onChange(listener);
    }

    /** Completes when a peer has stopped this node: it is empty, and to be closed by who opened it. */
    public CompletionStage<@Nullable Void> stopped() {
        return drain.stopped().minimalCompletionStage();
    }

    void stop() {
        drain.stop();
    }

    /** What became of blocks freed in strict isolation. */
    public RevocationReport revocations() {
        synchronized (this) {
            requireOpen();
        }
        return resolver.revocations();
    }

    /**
     * Upper bound, in nanoseconds, of the time that a freed block has waited for its key to be ended; 0 in direct isolation, about a
     * millisecond in strict isolation if all is well.
     */
    public long revocationLagNanos() {
        return resolver.revocationLagNanos();
    }

    /** What became of owners that died or left. */
    public RecoveryReport recoveries() {
        return resolver.recoveries();
    }

    /** How long an owner may be silent. */
    public Duration lease() {
        return options.lease();
    }

    /**
     * Names a listener for owners that are taken for dead here; those that leave, and those that end with this node, are not. It is
     * called by threads that recover memory, and must return at once.
     *
     * @param listener told the name of the owner's peer
     */
    public void onOwnerDead(Consumer<String> listener) {
        resolver.onDeath(listener);
    }

    /**
     * Asks the owners of a peer for a sign of life: who gives none within half a lease is taken for dead. An owner that lives beats
     * more often than that, and loses nothing.
     *
     * @param peerName as given to {@link #newSession}
     */
    public void askForLife(String peerName) {
        resolver.askForLife(peerName);
    }

    /** Adds up how the pool is used; owners may go on working meanwhile. */
    public PoolReport inspect() {
        return whileOpen(
                () -> new Inspector(memory.metadata(), layout, journal).inspect(description, resolver.owners()));
    }

    /** Admits an owner under a new id and gives it its first journal segment. */
    synchronized OwnerRecord admit(String peerName, @Nullable ResumeToken token) {
        requireOpen();
        if (resolver.owners().size() >= options.maxOwners()) {
            throw new OutOfLocalResources(
                    "the memory node admits no more owners: raise its max-owners", "maxOwners", options.maxOwners());
        }
        OwnerRecord owner =
                new OwnerRecord(++lastOwnerId, peerName, options.lease().toNanos(), System.nanoTime(), token);
        resolver.admit(owner);
        LOG.info("{} is admitted", owner);
        return owner;
    }

    Journal journal() {
        return journal;
    }

    Resolver resolver() {
        return resolver;
    }

    MemoryRegion metadata() {
        return memory.metadata();
    }

    MetadataLayout layout() {
        return layout;
    }

    MemoryNodeOptions options() {
        return options;
    }

    /**
     * This side's end of a connection, connected to the peer's.
     *
     * @throws InvalidRequest if the descriptor is none: it may be that of an application, which its service passes on unread, so it is
     *     no violation of the session's protocol
     */
    Connection serve(ConnectionPurpose purpose, String peerName, byte[] descriptor) {
        Connection connection = memory.domain(purpose)
                .newConnection(new ConnectionOptions(peerName, SERVED_ELEMENTS, PoolMemory.REMOTE));
        try {
            connection.connect(descriptor);
            return connection;
        } catch (ProtocolViolation e) {
            connection.close();
            throw new InvalidRequest("the descriptor of the peer's end cannot be used", "cause", e.getMessage());
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    synchronized void ended(OwnerSession session) {
        sessions.remove(session);
    }

    private void requireOpen() {
        if (closed) {
            throw new MemoryClosed("the memory node was closed");
        }
    }

    /** Ends all sessions, fences their connections and releases the memory. Later calls do nothing. */
    @Override
    public void close() {
        List<OwnerSession> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(sessions);
        }
        resolver.onDeath(Resolver.NOBODY);
        open.forEach(OwnerSession::close);
        resolver.close();
        resolver.owners().forEach(owner -> owner.fenceAll(options.fenceTimeout().toNanos()));
        audits.writeLock().lock(); // audits under way still read the memory
        try {
            memory.close();
        } finally {
            audits.writeLock().unlock();
        }
    }
}
