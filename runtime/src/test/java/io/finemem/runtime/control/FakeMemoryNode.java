package io.finemem.runtime.control;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.Isolation;
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
import io.finemem.api.FineMemException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A memory node that only remembers what it was asked; one per test. */
final class FakeMemoryNode {
    static final PoolDescription POOL = new PoolDescription("mn0", 42, Isolation.DIRECT, 8, 0x1000, 17, 0x2000);
    static final ResumeToken TOKEN = ResumeToken.of(-3, Long.MAX_VALUE);
    static final AuditReport AUDIT = new AuditReport("mn0", 8, 1, 5, 5, 1, List.of());
    static final PoolReport INSPECTION = new PoolReport(POOL, 2, 1, 16, 0, 0, 0, 0, 2, List.of());

    static final NodeStatistics STATISTICS = new NodeStatistics(
            "mn0", 42, NodeState.DRAINING, new TreeSet<>(Set.of("fast", "ssd")), 1L << 40, 8192, 2, 1, 3);

    final Map<String, Session> sessions = new ConcurrentHashMap<>();
    volatile @Nullable RuntimeException failure;
    volatile @Nullable CountDownLatch auditMayEnd;
    volatile Runnable whenStopped = () -> {};

    MemoryNodeControl newSession(String peerName) {
        Session session = new Session();
        sessions.put(peerName, session);
        return session;
    }

    final class Session implements MemoryNodeControl {
        final List<String> calls = new CopyOnWriteArrayList<>();
        final CountDownLatch ended = new CountDownLatch(1);

        private void called(String call) {
            calls.add(call);
            RuntimeException wanted = failure;
            if (wanted != null) {
                throw wanted;
            }
        }

        @Override
        public PoolDescription describe() {
            called("describe");
            return POOL;
        }

        @Override
        public OwnerGrant register() {
            called("register");
            return new OwnerGrant(7, 10_000, new JournalSegment(0, 64));
        }

        @Override
        public ResumableGrant registerResumable() {
            called("registerResumable");
            return new ResumableGrant(new OwnerGrant(7, 10_000, new JournalSegment(0, 64)), TOKEN);
        }

        @Override
        public ResumedGrant resume(int ownerId, ResumeToken token) {
            called("resume " + ownerId + " " + token.equals(TOKEN));
            return new ResumedGrant(ownerId, 2, 10_000, List.of(new JournalSegment(0, 64)), List.of(5));
        }

        @Override
        public JournalSegment growJournal() {
            called("growJournal");
            return new JournalSegment(64, 32);
        }

        @Override
        public ServedEnd connect(ConnectionPurpose purpose, byte[] descriptor) {
            called("connect " + purpose + " " + descriptor.length);
            return new ServedEnd(3, new byte[] {(byte) purpose.ordinal(), descriptor.length == 0 ? 0 : descriptor[0]});
        }

        @Override
        public void disconnect(int connection) {
            called("disconnect " + connection);
        }

        @Override
        public HeartbeatReply heartbeat(long settled) {
            called("heartbeat " + settled);
            return new HeartbeatReply(settled + 1, NodeState.DRAINING, 8192);
        }

        @Override
        public int[] resolve(int[] slots) {
            called("resolve " + slots.length);
            return slots.length == 0 ? slots : new int[] {slots[0]};
        }

        @Override
        public void leave() {
            called("leave");
        }

        @Override
        public AuditReport audit() {
            called("audit");
            CountDownLatch latch = auditMayEnd;
            if (latch != null) {
                awaitUninterruptibly(latch);
            }
            return AUDIT;
        }

        @Override
        public PoolReport inspect() {
            called("inspect");
            return INSPECTION;
        }

        @Override
        public NodeStatistics statistics() {
            called("statistics");
            return STATISTICS;
        }

        @Override
        public NodeStatistics drain(boolean drain) {
            called("drain " + drain);
            return STATISTICS;
        }

        @Override
        public void stop() {
            called("stop");
            whenStopped.run();
        }

        @Override
        public void close() {
            calls.add("close");
            ended.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new FineMemException(io.finemem.api.ErrorCode.TIMEOUT, e, "interrupted");
        }
    }
}
