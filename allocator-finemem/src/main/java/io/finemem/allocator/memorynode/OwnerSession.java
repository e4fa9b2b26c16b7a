package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.spi.transport.Connection;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One peer's session: its owner id and the node's ends of its connections. */
final class OwnerSession implements MemoryNodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerSession.class);
    private static final long LEAVE_LEASES = 4;

    private final MemoryNode node;
    private final String peerName;
    private @Nullable OwnerRecord owner;
    private int incarnation = OwnerRecord.FIRST;
    private boolean closed;

    OwnerSession(MemoryNode node, String peerName) {
        this.node = node;
        this.peerName = peerName;
    }

    @Override
    public PoolDescription describe() {
        return node.describe();
    }

    @Override
    public OwnerGrant register() {
        return register(null);
    }

    @Override
    public ResumableGrant registerResumable() {
        ResumeToken token = ResumeToken.random();
        return new ResumableGrant(register(token), token);
    }

    private synchronized OwnerGrant register(@Nullable ResumeToken token) {
        requireNoOwner();
        OwnerRecord admitted = node.admit(peerName, token);
        try {
            JournalSegment journal = grant(admitted, OwnerRecord.FIRST);
            owner = admitted;
            incarnation = OwnerRecord.FIRST;
            return new OwnerGrant(
                    admitted.id(), Math.toIntExact(node.options().lease().toMillis()), journal);
        } catch (RuntimeException e) {
            node.resolver().gone(admitted);
            throw e;
        }
    }

    /** Not under the monitor: a fence may take long, and the session may be closed meanwhile. */
    @Override
    public ResumedGrant resume(int ownerId, ResumeToken token) {
        requireNoOwner();
        OwnerRecord taken = node.resolver().owner(ownerId);
        int session = taken.beginResume(token, System.nanoTime());
        try {
            taken.fenceMetadata(node.options().fenceTimeout().toNanos());
            List<Integer> segments = node.journal().segmentsOf(ownerId);
            List<Integer> undecided = node.resolver().takeDoubts(segments);
            adopt(taken, session);
            return new ResumedGrant(
                    ownerId,
                    session,
                    Math.toIntExact(node.options().lease().toMillis()),
                    segments.stream().map(node.journal()::segment).toList(),
                    undecided);
        } catch (RuntimeException e) {
            node.resolver().sessionEnded(taken, session);
            throw e;
        }
    }

    private synchronized void adopt(OwnerRecord taken, int session) {
        requireNoOwner();
        taken.endResume(session, System.nanoTime());
        owner = taken;
        incarnation = session;
    }

    @Override
    public synchronized JournalSegment growJournal() {
        return grant(requireOwner(), incarnation);
    }

    private JournalSegment grant(OwnerRecord to, int session) {
        return to.whileLive(session, () -> node.journal().grant(to.id()));
    }

    @Override
    public ServedEnd connect(ConnectionPurpose purpose, byte[] descriptor) {
        OwnerRecord live = requireOwner();
        Connection connection = node.serve(purpose, peerName, descriptor);
        try {
            return new ServedEnd(live.add(incarnation(), purpose, connection), connection.descriptor());
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void disconnect(int connection) {
        requireOwner().fence(connection, node.options().fenceTimeout().toNanos());
    }

    @Override
    public HeartbeatReply heartbeat(long settled) {
        long asked = requireOwner().heartbeat(incarnation(), settled, System.nanoTime());
        return node.reply(asked);
    }

    @Override
    public int[] resolve(int[] slots) {
        OwnerRecord live = requireOwner();
        return live.whileLive(incarnation(), () -> resolve(live, slots));
    }

    private int[] resolve(OwnerRecord live, int[] slots) {
        List<Integer> journal = node.journal().segmentsOf(live.id());
        List<Integer> inDoubt = Arrays.stream(slots).boxed().toList();
        for (int slot : inDoubt) {
            if (slot < 0 || !journal.contains(node.journal().segmentOf(slot))) {
                throw new InvalidRequest("the journal slot is not the owner's", "owner", live.id(), "slot", slot);
            }
        }
        return node.resolver().resolve(inDoubt).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    public void leave() {
        OwnerRecord leaving = requireOwner();
        node.resolver()
                .declareGone(leaving, LEAVE_LEASES * node.options().lease().toNanos());
        synchronized (this) {
            owner = null;
        }
    }

    @Override
    public AuditReport audit() {
        return node.audit();
    }

    @Override
    public PoolReport inspect() {
        return node.inspect();
    }

    @Override
    public NodeStatistics statistics() {
        return node.statistics();
    }

    @Override
    public NodeStatistics drain(boolean drain) {
        requireOpen();
        LOG.info("{} asks memory node {} to {}", peerName, node.options().name(), drain ? "drain" : "serve again");
        node.drain(drain);
        return node.statistics();
    }

    @Override
    public void stop() {
        requireOpen();
        LOG.info("{} asks memory node {} to stop", peerName, node.options().name());
        node.stop();
    }

    private synchronized OwnerRecord requireOwner() {
        requireOpen();
        if (owner == null) {
            throw new InvalidRequest("the session is not registered as an owner", "peer", peerName);
        }
        owner.requireLive(incarnation);
        return owner;
    }

    private synchronized int incarnation() {
        return incarnation;
    }

    private synchronized void requireNoOwner() {
        requireOpen();
        if (owner != null) {
            throw new InvalidRequest("the session is registered already", "owner", owner.id());
        }
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new MemoryClosed("the session was closed");
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (owner != null) {
            node.resolver().sessionEnded(owner, incarnation);
        }
        node.ended(this);
    }
}
