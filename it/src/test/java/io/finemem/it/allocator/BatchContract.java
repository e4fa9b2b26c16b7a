package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What allocations and frees of many blocks promise, on a transport. */
abstract class BatchContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    @Test
    void blocksInAWarmSpanAreOneDoorbellTogether() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        memory.allocate(CHUNK);
        OperationCosts before = memory.allocationCosts();

        List<RemoteBlock> blocks = memory.allocateAll(CHUNK, 31);

        int reads = strict() ? 16 : 1;
        assertThat(since(before, memory.allocationCosts()))
                .as("31 journal WRITEs, CAS, READ of the rkeys, two to a word where they differ")
                .isEqualTo(new OperationCosts(31, 1, 1, 31 + 1 + reads));
        Pool.assertDisjoint(blocks, 0);
        assertThat(pool.auditedChunks()).isEqualTo(32);
        assertThat(memory.statistics().liveBytes()).isEqualTo(32 * CHUNK);
    }

    @Test
    void newSpanIsOpenedWithAllBlocksInsideByTwoRoundTrips() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();

        List<RemoteBlock> blocks = memory.allocateAll(CHUNK, 32);

        int reads = strict() ? 16 : 1;
        assertThat(memory.allocationCosts())
                .as("slot, section, header; 32 slots, header, rkeys")
                .isEqualTo(new OperationCosts(32, 2, 2, 3 + 32 + 1 + reads));
        Pool.assertDisjoint(blocks, 0);
    }

    @Test
    void thirtyTwoBlocksOfAnEmptyWarmSpanAreOneDoorbellAndSoIsTheirFree() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        memory.freeAll(memory.allocateAll(CHUNK, 32));
        pool.awaitRevocations();
        OperationCosts allocations = memory.allocationCosts();
        OperationCosts frees = memory.freeCosts();

        List<RemoteBlock> blocks = memory.allocateAll(CHUNK, 32);
        memory.freeAll(blocks);

        if (!strict()) {
            assertThat(since(allocations, memory.allocationCosts())).isEqualTo(new OperationCosts(32, 1, 1, 34));
            assertThat(since(frees, memory.freeCosts()))
                    .as("one FETCH_ADD clears all")
                    .isEqualTo(new OperationCosts(32, 1, 1, 1));
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void blocksOfWholeSpansOfASectionAreOneDoorbell() {
        FineMemAllocator memory = pool(2 * Pool.SECTION).owner();

        List<RemoteBlock> blocks = memory.allocateAll(128 * KIB, 16);

        int reads = strict() ? 8 : 1;
        assertThat(memory.allocationCosts()).isEqualTo(new OperationCosts(16, 1, 1, 16 + 1 + reads));
        Pool.assertDisjoint(blocks, 0);
        blocks = new ArrayList<>(blocks);
        blocks.addAll(memory.allocateAll(MIB, 2));
        assertThat(memory.allocationCosts().doorbells()).isEqualTo(2);
        memory.freeAll(blocks);
        if (!strict()) {
            assertThat(memory.freeCosts()).as("two section words").isEqualTo(new OperationCosts(18, 1, 1, 2));
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void blocksOfSeveralSectionsAreClaimedOneAfterTheOtherAndFreedTogether() {
        FineMemAllocator memory = pool(8 * Pool.SECTION).owner();

        List<RemoteBlock> blocks = memory.allocateAll(4 * MIB, 3);

        assertThat(memory.allocationCosts().doorbells()).isEqualTo(3);
        memory.freeAll(blocks);
        if (!strict()) {
            assertThat(memory.freeCosts()).isEqualTo(new OperationCosts(3, 1, 1, 6));
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void blockTooLongForAChainIsFreedWithTheOthers() {
        FineMemAllocator memory = pool(64 * Pool.SECTION).owner();
        List<RemoteBlock> blocks = new ArrayList<>(List.of(memory.allocate(60 * 2 * MIB)));
        blocks.addAll(memory.allocateAll(CHUNK, 3));
        blocks.addAll(memory.allocateAll(2 * MIB, 2));

        memory.freeAll(blocks);

        assertThat(pool.auditedChunks()).isZero();
        assertThat(memory.statistics().liveBlocks()).isZero();
    }

    @Test
    void roomThatOthersLeftInManySpansIsGatheredIntoOneBatch() {
        pool(Pool.SECTION);
        FineMemAllocator first = pool.owner();
        for (int i = 0; i < 16; i++) {
            first.allocate(64 * KIB);
            first.allocate(32 * KIB);
        }
        FineMemAllocator second = pool.owner();

        List<RemoteBlock> blocks = second.allocateAll(CHUNK, 128);

        assertThat(second.allocationCosts().roundTrips())
                .as("an opening that finds the section full, two looks, and a claim per span")
                .isEqualTo(1 + 2 + 16);
        Pool.assertDisjoint(blocks, 0);
        assertThat(pool.auditedChunks()).isEqualTo(512);
        assertThatThrownBy(() -> second.allocate(1)).isInstanceOf(OutOfRemoteMemory.class);
    }

    @Test
    void batchThatFindsNoRoomForItsLastBlockHoldsNothing() {
        FineMemAllocator memory = pool(Pool.SECTION, Pool.SECTION).owner();
        memory.allocate(CHUNK);

        assertThatThrownBy(() -> memory.allocateAll(CHUNK, 1024)).isInstanceOf(OutOfRemoteMemory.class);

        assertThat(pool.auditedChunks()).isEqualTo(1);
        assertThat(memory.statistics().liveBlocks()).isEqualTo(1);
        assertThat(memory.statistics().failedAllocations()).isEqualTo(1);
        assertThat(memory.statistics().frees()).as("nobody had them").isZero();
        assertThat(memory.allocateAll(CHUNK, 1023)).hasSize(1023);
    }

    @Test
    void batchOfMoreThanThePoolIsRefusedWithoutAnOperation() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();

        assertThatThrownBy(() -> memory.allocateAll(2 * MIB, 2)).isInstanceOf(OutOfRemoteMemory.class);

        assertThat(memory.allocationCosts().doorbells()).isZero();
        assertThat(memory.allocateAll(CHUNK, 0)).isEmpty();
        assertThatThrownBy(() -> memory.allocateAll(CHUNK, -1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.allocateAll(0, 1)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void freeOfOneWrongBlockAmongManyFreesNone() {
        FineMemAllocator memory = pool(2 * Pool.SECTION).owner();
        List<RemoteBlock> good = memory.allocateAll(CHUNK, 4);
        RemoteBlock freed = memory.allocate(CHUNK);
        freed.close();
        RemoteBlock foreign = pool.owner().allocate(CHUNK);

        for (RemoteBlock bad : new RemoteBlock[] {freed, foreign, good.get(0)}) {
            List<RemoteBlock> blocks = new ArrayList<>(good);
            blocks.add(bad);
            assertThatThrownBy(() -> memory.freeAll(blocks)).isInstanceOf(InvalidRequest.class);
        }

        assertThat(good.get(0).fetchAdd(0, 0))
                .as("still held")
                .isEqualTo(good.get(0).fetchAdd(0, 0));
        assertThat(pool.auditedChunks()).isEqualTo(5);
        memory.freeAll(good);
        assertThatThrownBy(() -> memory.freeAll(good)).isInstanceOf(InvalidRequest.class);
        assertThat(pool.auditedChunks()).isEqualTo(1);
    }

    @Test
    void eachBlockOfABatchIsUsedAndFreedByItself() {
        FineMemAllocator memory = pool(2 * Pool.SECTION).owner();
        List<RemoteBlock> blocks = memory.allocateAll(8 * KIB, 40);
        for (RemoteBlock block : blocks) {
            long before = block.fetchAdd(8 * KIB - 8, 0);
            block.compareAndSwap(8 * KIB - 8, before, block.handle().address());
        }

        for (int i = 0; i < 40; i += 2) {
            assertThat(blocks.get(i).fetchAdd(8 * KIB - 8, 0))
                    .isEqualTo(blocks.get(i).handle().address());
            blocks.get(i).close();
        }

        assertThat(pool.auditedChunks()).isEqualTo(20 * 2);
        for (int i = 1; i < 40; i += 2) {
            assertThat(blocks.get(i).fetchAdd(8 * KIB - 8, 0))
                    .isEqualTo(blocks.get(i).handle().address());
        }
    }

    @Test
    void closedMemoryTakesNoBatch() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        List<RemoteBlock> blocks = memory.allocateAll(CHUNK, 3);

        memory.close();

        assertThatThrownBy(() -> memory.freeAll(blocks)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.allocateAll(CHUNK, 1)).isInstanceOf(MemoryClosed.class);
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void batchOfAKilledOwnerIsRecovered() {
        pool(2 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator doomed = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
        doomed.allocateAll(CHUNK, 45);
        doomed.allocateAll(128 * KIB, 5);
        FineMemAllocator survivor = pool.owner();
        List<RemoteBlock> kept = survivor.allocateAll(CHUNK, 10);

        sessions.forEach(FragileSession::kill);

        pool.awaitOwners(1);
        assertThat(pool.auditedChunks()).isEqualTo(kept.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomBatchesOfTwoOwnersAreDisjointAndAllExplained(long seed) {
        pool(2 * Pool.SECTION, Pool.SECTION);
        List<FineMemAllocator> owners = List.of(pool.owner(), pool.owner());
        List<List<RemoteBlock>> live = List.of(new ArrayList<>(), new ArrayList<>());
        Random random = new Random(seed);
        for (int i = 0; i < 120; i++) {
            int who = random.nextInt(2);
            if (random.nextInt(100) < 55) {
                long bytes = (long) CHUNK << random.nextInt(random.nextInt(6) == 0 ? 10 : 5);
                allocateAllIfThereIsRoom(owners.get(who), bytes, random.nextInt(40), live.get(who));
            } else {
                Collections.shuffle(live.get(who), random);
                List<RemoteBlock> freed =
                        live.get(who).subList(0, random.nextInt(live.get(who).size() + 1));
                owners.get(who).freeAll(freed);
                freed.clear();
            }
        }
        List<RemoteBlock> all = new ArrayList<>(live.get(0));
        all.addAll(live.get(1));
        for (String node : List.of("mn0", "mn1")) {
            List<RemoteBlock> there = all.stream()
                    .filter(block -> block.handle().memoryNode().equals(node))
                    .toList();
            Pool.assertDisjoint(there, seed);
        }
        long bytes = all.stream().mapToLong(RemoteBlock::length).sum();
        assertThat(pool.auditedChunks()).as("seed %d", seed).isEqualTo(bytes / CHUNK);
        for (int who = 0; who < 2; who++) {
            assertThat(owners.get(who).statistics().liveBlocks())
                    .as("seed %d", seed)
                    .isEqualTo(live.get(who).size());
            owners.get(who).freeAll(live.get(who));
        }
        assertThat(pool.auditedChunks()).as("seed %d", seed).isZero();
    }

    private static void allocateAllIfThereIsRoom(
            FineMemAllocator memory, long bytes, int count, List<RemoteBlock> live) {
        try {
            live.addAll(memory.allocateAll(bytes, count));
        } catch (OutOfRemoteMemory full) {
            assertThat(full).hasMessageContaining("bytes=" + bytes);
        }
    }
}
