package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What an owner promises that claims blocks ahead and keeps freed ones, on a transport. */
abstract class RunAheadContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final long MIB = 1 << 20;
    private static final AllocatorOptions EIGHT =
            AllocatorOptions.defaults().withWorkers(1).withRunAhead(8);

    @Test
    void sevenOfEightAllocationsTakeNoRemoteOperationAtAll() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(EIGHT);
        List<RemoteBlock> blocks = new ArrayList<>(List.of(memory.allocate(CHUNK)));
        OperationCosts opened = memory.allocationCosts();
        for (int i = 1; i < 8; i++) {
            blocks.add(memory.allocate(CHUNK));
        }
        OperationCosts served = memory.allocationCosts();
        blocks.add(memory.allocate(CHUNK));

        assertThat(since(opened, served)).isEqualTo(new OperationCosts(7, 0, 0, 0));
        int reads = strict() ? 4 : 1;
        assertThat(since(served, memory.allocationCosts()))
                .as("eight more with one CAS")
                .isEqualTo(new OperationCosts(1, 1, 1, 8 + 1 + reads));
        Pool.assertDisjoint(blocks, 0);
    }

    @Test
    void blocksClaimedAheadAreTheOwnersButNotTheApplications() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(EIGHT);

        RemoteBlock block = memory.allocate(CHUNK);

        assertThat(memory.statistics().liveBlocks()).isEqualTo(1);
        assertThat(memory.statistics().liveBytes()).isEqualTo(CHUNK);
        assertThat(pool.node(0).audit().explainedChunks()).isEqualTo(8);
        block.close();
        memory.close();
        assertThat(memory.statistics().liveBlocks()).isZero();
        assertThat(memory.statistics().frees()).isEqualTo(1);
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void otherSizesHaveAStashOfTheirOwnAndLargeOnesNone() {
        FineMemAllocator memory = pool(4 * Pool.SECTION).owner(EIGHT);
        memory.allocate(CHUNK);
        OperationCosts before = memory.allocationCosts();

        memory.allocate(4 * CHUNK);
        memory.allocate(MIB);

        assertThat(since(before, memory.allocationCosts()).doorbells()).isEqualTo(2);
        assertThat(pool.auditedChunks())
                .as("8 small, 6 of four that fit beside them, 256")
                .isEqualTo(8 + 24 + 256);
    }

    @Test
    void asynchronousAllocationGetsTheRoomOfBlocksClaimedAhead() throws Exception {
        FineMemAllocator memory = pool(Pool.SECTION).owner(EIGHT);
        memory.allocate(CHUNK); // and seven more
        memory.allocateAll(32 * CHUNK, 15);
        memory.allocate(16 * CHUNK);
        memory.allocate(8 * CHUNK);

        RemoteBlock block =
                memory.allocateAsync(4 * CHUNK).toCompletableFuture().get(30, TimeUnit.SECONDS);

        assertThat(block.length()).isEqualTo(4 * CHUNK);
        assertThat(pool.node(0).audit().explainedChunks()).isEqualTo(512 - 3);
    }

    @Test
    void freedBlockIsKeptForTheNextAllocationOnlyWhereItsRkeyNeedNotDie() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(EIGHT);
        RemoteBlock block = memory.allocate(CHUNK);

        block.close();
        RemoteBlock next = memory.allocate(CHUNK);

        if (strict()) {
            assertThat(memory.freeCosts()).isEqualTo(new OperationCosts(1, 1, 0, 1));
            assertThat(next.handle().rkey()).isNotEqualTo(block.handle().rkey());
        } else {
            assertThat(memory.freeCosts()).isEqualTo(new OperationCosts(1, 0, 0, 0));
            assertThat(next.handle().address()).isEqualTo(block.handle().address());
        }
        assertThat(next.handle()).isNotEqualTo(block.handle());
        assertThatThrownBy(() -> block.fetchAdd(0, 1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.free(block)).isInstanceOf(InvalidRequest.class);
        assertThat(memory.statistics().liveBlocks()).isEqualTo(1);
    }

    @Test
    void noTwoHoldingsOfAPlaceHaveTheSameGeneration() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(EIGHT);
        Set<String> holdings = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            RemoteBlock block = memory.allocate(CHUNK);
            String holding = block.handle().address() + "/" + block.handle().generation();
            assertThat(holdings.add(holding)).as("%s in round %d", holding, i).isTrue();
            block.close();
        }

        assertThat(memory.statistics().frees()).isEqualTo(200);
        if (!strict()) {
            assertThat(memory.freeCosts().doorbells())
                    .as("one in eight reaches the pool")
                    .isLessThanOrEqualTo(25);
        }
    }

    @Test
    void idleWorkerGivesItsStashBack() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(EIGHT);
        memory.allocate(CHUNK);

        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> pool.node(0).audit().usedChunks() == 1);

        assertThat(memory.statistics().frees()).isZero();
        assertThat(pool.auditedChunks()).isEqualTo(1);
    }

    @Test
    void stashesOfAllWorkersAreGivenBackBeforeThePoolCountsAsFull() throws Exception {
        AllocatorOptions options = AllocatorOptions.defaults().withWorkers(2).withRunAhead(32);
        FineMemAllocator memory = pool(Pool.SECTION).owner(options);
        memory.allocate(CHUNK).close();
        Thread other = new Thread(() -> memory.allocate(2 * CHUNK).close());
        other.start();
        other.join();

        RemoteBlock whole = memory.allocate(2 * MIB);

        assertThat(whole.length()).isEqualTo(2 * MIB);
        assertThatThrownBy(() -> memory.allocate(CHUNK)).isInstanceOf(OutOfRemoteMemory.class);
        assertThat(memory.statistics().failedAllocations()).isEqualTo(1);
        whole.close();
        assertThat(memory.allocateAll(CHUNK, 512)).hasSize(512);
    }

    @Test
    void whereRoomIsShortNothingIsClaimedAheadOrKept() {
        pool(Pool.SECTION);
        FineMemAllocator first = pool.owner();
        for (int i = 0; i < 16; i++) {
            first.allocate(16 * CHUNK);
            first.allocate(8 * CHUNK);
        }
        FineMemAllocator second = pool.owner(EIGHT);

        RemoteBlock block = second.allocate(CHUNK);
        second.allocate(CHUNK);

        assertThat(pool.auditedChunks()).isEqualTo(16 * 24 + 2);
        block.close();
        assertThat(pool.auditedChunks()).isEqualTo(16 * 24 + 1);
    }

    @Test
    void stashOfAKilledOwnerIsRecoveredAndThatOfASurvivorIsNot() {
        pool(Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator survivor = pool.owner(EIGHT);
        List<RemoteBlock> kept = new ArrayList<>(List.of(survivor.allocate(CHUNK)));
        FineMemAllocator doomed = pool.owner(EIGHT, sessions);
        doomed.allocate(CHUNK);
        assertThat(pool.auditedChunks()).isEqualTo(16);

        sessions.forEach(FragileSession::kill);
        pool.awaitOwners(1);
        for (int i = 0; i < 20; i++) {
            kept.add(survivor.allocate(CHUNK));
        }

        Pool.assertDisjoint(kept, 0);
        survivor.freeAll(kept);
        survivor.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void randomUseByManyThreadsLosesAndDoublesNothing() throws Exception {
        AllocatorOptions options = AllocatorOptions.defaults().withWorkers(3).withRunAhead(5);
        FineMemAllocator memory = pool(2 * Pool.SECTION, Pool.SECTION).owner(options);
        List<RemoteBlock> live = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<List<RemoteBlock>>> results = new ArrayList<>();
            for (long seed = 1; seed <= 4; seed++) {
                Random random = new Random(seed);
                results.add(threads.submit(() -> allocateAndFree(memory, random)));
            }
            for (Future<List<RemoteBlock>> result : results) {
                live.addAll(result.get());
            }
        } finally {
            threads.shutdownNow();
        }
        for (String node : List.of("mn0", "mn1")) {
            Pool.assertDisjoint(
                    live.stream()
                            .filter(block -> block.handle().memoryNode().equals(node))
                            .toList(),
                    1);
        }
        long bytes = live.stream().mapToLong(RemoteBlock::length).sum();
        assertThat(memory.statistics().liveBytes()).isEqualTo(bytes);
        assertThat(pool.auditedChunks()).isGreaterThanOrEqualTo(bytes / CHUNK);
        memory.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    /** Each block says its own address for as long as it is held. */
    private static List<RemoteBlock> allocateAndFree(FineMemAllocator memory, Random random) {
        List<RemoteBlock> live = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            if (live.isEmpty() || live.size() < 40 && random.nextBoolean()) {
                RemoteBlock block = memory.allocate((long) CHUNK << random.nextInt(3));
                block.fetchAdd(0, block.handle().address() - block.fetchAdd(0, 0));
                live.add(block);
            } else {
                RemoteBlock block = live.remove(random.nextInt(live.size()));
                assertThat(block.fetchAdd(0, 0)).isEqualTo(block.handle().address());
                block.close();
            }
        }
        return live;
    }
}
