package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a predecessor in strict isolation leaves half done while the memory node cannot go on either. */
class ShmSuccessionFaultTest {
    private static final int CHUNK = 4096;
    private static final long POOL = 8 * Pool.SECTION;
    private static final AllocatorOptions ONE_WORKER =
            AllocatorOptions.defaults().withWorkers(1);

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
    private final FaultyNode faults = new FaultyNode(transport);
    private final MortalTransport mortal = new MortalTransport(transport);
    private final RecordedOwner owner = new RecordedOwner();
    private Pool pool;
    private List<FragileSession> sessions;
    private FineMemAllocator dying;

    @BeforeEach
    void open() {
        pool = new Pool(
                faults.transport(),
                transport,
                options -> options.withIsolation(Isolation.STRICT).withLease(Duration.ofSeconds(60)),
                POOL);
        sessions = pool.sessions();
        dying = owner.open(mortal.transport(), sessions, ONE_WORKER);
    }

    @AfterEach
    void close() {
        faults.recover();
        dying.suspend();
        pool.close();
        transport.close();
    }

    private List<RemoteBlock> hold(int count) {
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(owner.allocate(dying, CHUNK << i % 3));
        }
        return blocks;
    }

    private void stopSweeper() {
        faults.failAt(0, Integer.MAX_VALUE / 2, false);
    }

    private void kill() {
        mortal.die();
        sessions.forEach(FragileSession::kill);
    }

    @Test
    void freesThatWereAskedForAreDoneOnceAndTheRingGoesOn() {
        List<RemoteBlock> blocks = hold(60);
        stopSweeper();
        blocks.subList(0, 30).forEach(block -> owner.free(dying, block));
        kill();

        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            List<RemoteBlock> held = owner.assertAllHeld(successor, "pending frees");
            held.subList(0, 5).forEach(block -> owner.free(successor, block));
            assertThat(pool.node(0).revocations().pending()).isEqualTo(35);
            faults.recover();
            assertThat(pool.auditedChunks()).isEqualTo(owner.chunks());
            owner.assertContent(successor, held.subList(5, held.size()), "pending frees");
            goOn(successor);
        }
    }

    @Test
    void entriesBehindOneThatWasNeverWrittenAreTakenBackAndTheirBlocksFreedOnce() {
        List<RemoteBlock> blocks = hold(40);
        sessions.get(0).holdHeartbeat(); // with which the owner would miss the completion
        stopSweeper();
        blocks.subList(0, 3).forEach(block -> owner.free(dying, block));
        mortal.swallowNextPost();
        blocks.subList(3, 8).forEach(block -> owner.free(dying, block));
        assertThat(mortal.swallowed()).isTrue();
        kill();

        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            List<RemoteBlock> held = owner.assertAllHeld(successor, "a gap");
            assertThat(pool.node(0).revocations().pending()).isEqualTo(3);
            owner.free(successor, held.get(0));
            faults.recover();
            await().until(() -> pool.auditedChunks() == owner.chunks());
            goOn(successor);
        }
    }

    @Test
    void slotsThatTheNodeStillDecidesAreNotUsedBefore() {
        List<RemoteBlock> blocks = hold(20);
        stopSweeper();
        int[] slots = blocks.stream()
                .limit(4)
                .mapToInt(block -> dying.identify(block).slot())
                .toArray();
        blocks.subList(0, 4).forEach(block -> owner.forget(dying, block));
        assertThat(sessions.get(0).resolve(slots)).isEmpty(); // as after a connection that failed
        kill();

        try (FineMemAllocator successor = owner.open(transport, pool.sessions(), ONE_WORKER)) {
            owner.assertAllHeld(successor, "undecided");
            for (int i = 0; i < 300; i++) {
                assertThat(slots)
                        .doesNotContain(successor
                                .identify(owner.allocate(successor, CHUNK))
                                .slot());
            }
            faults.recover();
            await().until(() -> pool.auditedChunks() == owner.chunks());
            goOn(successor);
        }
    }

    /** Several turns of the ring; nothing is left. */
    private void goOn(FineMemAllocator successor) {
        for (int i = 0; i < 300; i++) {
            owner.free(successor, owner.allocate(successor, CHUNK));
        }
        List<RemoteBlock> rest = new ArrayList<>();
        assertThat(pool.auditedChunks()).isEqualTo(owner.chunks());
        successor.resumed().blocks().forEach(resumed -> {
            if (owner.holds(resumed.identity())) {
                rest.add(resumed.block());
            }
        });
        owner.freeAll(successor, rest);
        assertThat(pool.node(0).audit().owners()).isEqualTo(1);
    }
}
