package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.AsyncOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An owner's process dies at every chain of a small life in turn, in the middle of it: its successor has all its blocks. */
class ShmResumeSweepTest {
    private static final long POOL = 4 * Pool.SECTION;
    private static final int ALL = Integer.MAX_VALUE;
    private static final AllocatorOptions OPTIONS = new AllocatorOptions(
            1, Duration.ofSeconds(5), ContentionThresholds.DEFAULT, 0, 0, AsyncOptions.DEFAULT, DataOptions.defaults());

    Isolation isolation() {
        return Isolation.DIRECT;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, ALL})
    void successorHasAllBlocksAndNothingElseWhereverItsPredecessorDied(int elements) {
        sweep(OPTIONS, elements);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, ALL})
    void soItIsIfThePredecessorClaimedAheadAndKeptFreedBlocks(int elements) {
        sweep(OPTIONS.withRunAhead(3), elements);
    }

    private void sweep(AllocatorOptions options, int elements) {
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty())) {
            int chains = life(real, options, Integer.MAX_VALUE / 2, elements);
            assertThat(chains).isGreaterThan(20);
            for (int last = 0; last < chains; last++) {
                life(real, options, last, elements);
            }
        }
    }

    /** Returns the chains that it took. */
    private int life(Transport real, AllocatorOptions options, int last, int elements) {
        String where = "chain " + last + " elements " + elements;
        MortalTransport mortal = new MortalTransport(real);
        RecordedOwner owner = new RecordedOwner();
        try (Pool pool = new Pool(real, isolation(), Duration.ofSeconds(30), POOL)) {
            List<FragileSession> sessions = pool.sessions();
            FineMemAllocator dying = owner.open(mortal.transport(), sessions, options);
            List<RemoteBlock> blocks = new ArrayList<>();
            int before = mortal.chains();
            mortal.dieAt(last, elements);
            try {
                work(dying, owner, blocks);
            } catch (MortalTransport.Died expected) {
                assertThat(mortal.chains() - before).as(where).isGreaterThan(last);
            }
            int chains = mortal.chains() - before;
            mortal.die();
            sessions.forEach(FragileSession::kill);
            succeed(real, pool, owner, where);
            dying.suspend();
            return chains;
        }
    }

    private static void work(FineMemAllocator memory, RecordedOwner owner, List<RemoteBlock> blocks) {
        for (long chunks : new long[] {1, 16, 2, 64, 512, 1024, 33}) {
            allocateIfThereIsRoom(memory, owner, chunks * 4096, blocks);
        }
        for (int i = 0; i < 4; i++) {
            owner.free(memory, blocks.remove(blocks.size() / 2));
        }
        blocks.addAll(owner.allocateAll(memory, 4096, 33));
        blocks.addAll(owner.allocateAll(memory, 32 * 4096, 3));
        List<RemoteBlock> some = new ArrayList<>(blocks.subList(2, 25));
        blocks.removeAll(some);
        owner.freeAll(memory, some);
        for (long chunks : new long[] {1, 4, 8}) {
            allocateIfThereIsRoom(memory, owner, chunks * 4096, blocks);
        }
        allocateIfThereIsRoom(memory, owner, POOL, blocks);
        owner.free(memory, blocks.remove(1));
    }

    private static void succeed(Transport real, Pool pool, RecordedOwner owner, String where) {
        AllocatorOptions options = AllocatorOptions.defaults().withWorkers(1);
        try (FineMemAllocator successor = owner.open(real, pool.sessions(), options)) {
            List<RemoteBlock> blocks = owner.assertAllHeld(successor, where);
            assertThat(successor.statistics().liveBlocks()).as(where).isEqualTo(blocks.size());
            awaitUsed(pool, owner.chunks(), where);
            owner.assertContent(successor, blocks, where);
            successor.freeAll(blocks);
            await(where)
                    .atMost(Duration.ofSeconds(10))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> canHoldAll(successor));
            assertThat(pool.auditedChunks()).as(where).isZero();
            assertThat(successor.statistics().liveBytes()).as(where).isZero();
        }
    }

    private static void awaitUsed(Pool pool, long chunks, String where) {
        await(where)
                .atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> pool.auditedChunks() == chunks);
    }

    private static boolean canHoldAll(FineMemAllocator memory) {
        try {
            memory.allocate(POOL).close();
            return true;
        } catch (OutOfRemoteMemory notYet) {
            return false;
        }
    }

    private static void allocateIfThereIsRoom(
            FineMemAllocator memory, RecordedOwner owner, long bytes, List<RemoteBlock> blocks) {
        try {
            blocks.add(owner.allocate(memory, bytes));
        } catch (OutOfRemoteMemory full) {
            assertThat(full).hasMessageContaining("bytes=" + bytes);
        }
    }
}
