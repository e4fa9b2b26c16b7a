package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.control.ServedEnd;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A session that a test can cut off: its heartbeats get lost, its connections break, or its process dies. */
final class FragileSession implements MemoryNodeControl {
    private final MemoryNodeControl session;
    private final List<Integer> metadataConnections = new CopyOnWriteArrayList<>();
    private final List<Integer> heapConnections = new CopyOnWriteArrayList<>();
    private volatile boolean mute;
    private volatile boolean asking;
    private volatile long asked;
    private volatile int beatsSinceAsked;
    private volatile boolean answered;
    private final CountDownLatch death = new CountDownLatch(1);
    private volatile boolean holding;
    private volatile boolean held;
    private volatile Runnable beforeLeave = () -> {};

    FragileSession(MemoryNodeControl session) {
        this.session = session;
    }

    /** Heartbeats get lost from now on. */
    void mute() {
        mute = true;
    }

    /** The node's ends of all metadata connections break, as after a lost cable. */
    void breakConnections() {
        List<Integer> broken = List.copyOf(metadataConnections);
        metadataConnections.removeAll(broken);
        broken.forEach(session::disconnect);
    }

    /** The node's ends of all connections to the heap break, those of applications of this owner's service included. */
    void breakHeapConnections() {
        List<Integer> broken = List.copyOf(heapConnections);
        heapConnections.removeAll(broken);
        broken.forEach(session::disconnect);
    }

    /** A heartbeat is on its way from now on until the process dies: the owner's heart does nothing else. */
    void holdHeartbeat() {
        holding = true;
        await().until(() -> held);
    }

    private void awaitDeath() {
        held = true;
        try {
            assertThat(death.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a heartbeat is held", e);
        }
    }

    /** With the next heartbeat the owner is asked to settle. */
    void askToSettle() {
        asking = true;
    }

    /** Whether the owner has heard of it: it has sent another heartbeat since. */
    boolean asked() {
        return beatsSinceAsked > 1;
    }

    /** Runs before the owner leaves. */
    void beforeLeave(Runnable action) {
        beforeLeave = action;
    }

    /** Whether the owner has settled since. */
    boolean answered() {
        return answered;
    }

    /** The owner's process dies. */
    void kill() {
        mute = true;
        death.countDown();
        session.close();
    }

    @Override
    public PoolDescription describe() {
        return session.describe();
    }

    @Override
    public OwnerGrant register() {
        return session.register();
    }

    @Override
    public ResumableGrant registerResumable() {
        return session.registerResumable();
    }

    @Override
    public ResumedGrant resume(int ownerId, ResumeToken token) {
        return session.resume(ownerId, token);
    }

    @Override
    public JournalSegment growJournal() {
        return session.growJournal();
    }

    @Override
    public ServedEnd connect(ConnectionPurpose purpose, byte[] descriptor) {
        ServedEnd end = session.connect(purpose, descriptor);
        if (purpose == ConnectionPurpose.METADATA) {
            metadataConnections.add(end.id());
        } else {
            heapConnections.add(end.id());
        }
        return end;
    }

    @Override
    public void disconnect(int connection) {
        session.disconnect(connection);
    }

    @Override
    public HeartbeatReply heartbeat(long settled) {
        if (holding) {
            awaitDeath();
        }
        if (mute) {
            return new HeartbeatReply(settled, NodeState.SERVING, 0);
        }
        if (asking && asked == 0) {
            asked = settled + 1;
        }
        beatsSinceAsked += asked > 0 ? 1 : 0;
        answered |= asked > 0 && settled >= asked;
        HeartbeatReply reply = session.heartbeat(settled);
        return new HeartbeatReply(Math.max(reply.settleRequested(), asked), reply.state(), reply.freeBytes());
    }

    @Override
    public int[] resolve(int[] slots) {
        return session.resolve(slots);
    }

    @Override
    public void leave() {
        beforeLeave.run();
        session.leave();
    }

    @Override
    public AuditReport audit() {
        return session.audit();
    }

    @Override
    public NodeStatistics statistics() {
        return session.statistics();
    }

    @Override
    public NodeStatistics drain(boolean drain) {
        return session.drain(drain);
    }

    @Override
    public void stop() {
        session.stop();
    }

    @Override
    public PoolReport inspect() {
        return session.inspect();
    }

    @Override
    public void close() {
        session.close();
    }
}
