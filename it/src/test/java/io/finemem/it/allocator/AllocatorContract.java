package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.PoolReport;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the allocator promises, on a transport. */
abstract class AllocatorContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    @Test
    void smallAllocationIsOneDoorbellAndOneRoundTripAndSoIsAFree() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        List<RemoteBlock> blocks = new ArrayList<>(List.of(memory.allocate(CHUNK)));
        OperationCosts allocationsBefore = memory.allocationCosts();
        for (int i = 0; i < 31; i++) {
            blocks.add(memory.allocate(CHUNK));
        }
        OperationCosts allocations = memory.allocationCosts();
        blocks.forEach(RemoteBlock::close);
        OperationCosts frees = memory.freeCosts();

        assertThat(allocations.doorbells() - allocationsBefore.doorbells()).isEqualTo(31);
        assertThat(allocations.roundTrips() - allocationsBefore.roundTrips()).isEqualTo(31);
        assertThat(allocations.verbs() - allocationsBefore.verbs())
                .as("journal WRITE, CAS, capability READ")
                .isEqualTo(3 * 31);
        assertThat(frees)
                .as("FETCH_ADD, or WRITE of the ring entry")
                .isEqualTo(new OperationCosts(32, 32, waitedFor(32), 32));
    }

    /** Round trips that as many frees wait for. */
    private long waitedFor(int frees) {
        return strict() ? 0 : frees;
    }

    @Test
    void openingASpanTakesTwoRoundTripsForItsThirtyTwoChunks() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        memory.allocate(CHUNK);

        OperationCosts opening = memory.allocationCosts();
        for (int i = 1; i < 64; i++) {
            memory.allocate(CHUNK);
        }

        assertThat(memory.allocationCosts().roundTrips() - opening.roundTrips())
                .as("31 in the first span, 2 for the second, 31 in it")
                .isEqualTo(31 + 2 + 31);
    }

    @Test
    void mediumAllocationIsOneRoundTripAndSoIsItsFree() {
        FineMemAllocator memory = pool(4 * Pool.SECTION).owner();
        memory.allocate(128 * KIB);
        OperationCosts before = memory.allocationCosts();

        List<RemoteBlock> blocks = List.of(
                memory.allocate(128 * KIB), memory.allocate(256 * KIB), memory.allocate(MIB), memory.allocate(2 * MIB));

        assertThat(memory.allocationCosts().roundTrips() - before.roundTrips()).isEqualTo(4);
        assertThat(memory.allocationCosts().doorbells() - before.doorbells()).isEqualTo(4);
        blocks.forEach(RemoteBlock::close);
        assertThat(memory.freeCosts()).isEqualTo(new OperationCosts(4, 4, waitedFor(4), 4));
    }

    @Test
    void allocationOfFourSectionsTakesAtMostTwoRoundTrips() {
        FineMemAllocator memory = pool(16 * Pool.SECTION).owner();
        memory.allocate(CHUNK);
        OperationCosts before = memory.allocationCosts();

        RemoteBlock block = memory.allocate(8 * MIB);

        assertThat(memory.allocationCosts().roundTrips() - before.roundTrips()).isLessThanOrEqualTo(2);
        assertThat(block.length()).isEqualTo(8 * MIB);
        assertThat(pool.auditedChunks()).isEqualTo(1 + 4 * 512);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, CHUNK, CHUNK + 1, 64 * KIB, 64 * KIB + 1, 200 * KIB, MIB, 2 * MIB, 2 * MIB + 1, 7 * MIB})
    void blockHoldsWhatWasWrittenFromItsFirstToItsLastByte(long bytes) {
        FineMemAllocator memory = pool(8 * Pool.SECTION).owner();
        RemoteBlock block = memory.allocate(bytes);
        assertThat(block.length()).isGreaterThanOrEqualTo(bytes);
        assertThat(block.handle().address() % CHUNK).isZero();

        byte[] pattern = new byte[(int) block.length()];
        new Random(bytes).nextBytes(pattern);
        block.write(0, ByteBuffer.wrap(pattern));
        ByteBuffer read = ByteBuffer.allocateDirect(pattern.length);
        block.read(0, read);

        assertThat(read.flip().mismatch(ByteBuffer.wrap(pattern))).isEqualTo(-1);
        ByteBuffer last = ByteBuffer.allocate(1);
        block.read(block.length() - 1, last);
        assertThat(last.get(0)).isEqualTo(pattern[pattern.length - 1]);
    }

    @Test
    void atomicsOnABlockReturnTheValueBefore() {
        RemoteBlock block = pool(Pool.SECTION).owner().allocate(CHUNK);
        block.write(8, ByteBuffer.allocate(8));

        assertThat(block.fetchAdd(8, 5)).isZero();
        assertThat(block.compareAndSwap(8, 5, 9)).isEqualTo(5);
        assertThat(block.compareAndSwap(8, 5, 1)).isEqualTo(9);
        assertThatThrownBy(() -> block.fetchAdd(4, 1)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void blocksNeverOverlapAndTheAuditCountsThem() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        FineMemAllocator memory = pool(8 * Pool.SECTION, 8 * Pool.SECTION).owner();
        List<RemoteBlock> live = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            if (random.nextInt(3) > 0) {
                allocateIfThereIsRoom(memory, 1L << 12 + random.nextInt(random.nextInt(10) == 0 ? 11 : 5), live);
            } else if (!live.isEmpty()) {
                live.remove(random.nextInt(live.size())).close();
            }
        }
        Pool.assertDisjoint(live, seed);
        long bytes = live.stream().mapToLong(RemoteBlock::length).sum();
        assertThat(pool.auditedChunks()).as("seed %d", seed).isEqualTo(bytes / CHUNK);
        assertThat(memory.statistics().liveBytes()).isEqualTo(bytes);

        live.forEach(RemoteBlock::close);
        assertThat(pool.auditedChunks()).as("seed %d", seed).isZero();
    }

    private static void allocateIfThereIsRoom(FineMemAllocator memory, long bytes, List<RemoteBlock> live) {
        try {
            live.add(memory.allocate(bytes));
        } catch (OutOfRemoteMemory full) {
            assertThat(full).hasMessageContaining("bytes=" + bytes);
        }
    }

    @Test
    void fullPoolIsATypedExceptionAndAFreeMakesRoom() {
        FineMemAllocator memory = pool(Pool.SECTION).owner();
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 512; i++) {
            blocks.add(memory.allocate(CHUNK));
        }

        assertThatThrownBy(() -> memory.allocate(CHUNK)).isInstanceOf(OutOfRemoteMemory.class);
        assertThatThrownBy(() -> memory.allocate(2 * MIB)).isInstanceOf(OutOfRemoteMemory.class);
        blocks.remove(77).close();
        blocks.add(memory.allocate(CHUNK));

        assertThat(pool.auditedChunks()).isEqualTo(512);
        assertThat(memory.statistics().failedAllocations()).isEqualTo(2);
    }

    @Test
    void spansThatOthersLeftOpenAndEmptyAreFoundForWholeSpanBlocks() {
        pool(Pool.SECTION);
        FineMemAllocator small = pool.owner();
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            blocks.add(small.allocate(CHUNK));
        }
        blocks.forEach(RemoteBlock::close);
        pool.awaitRevocations();

        RemoteBlock whole = pool.owner().allocate(2 * MIB);

        assertThat(whole.length()).isEqualTo(2 * MIB);
        assertThat(pool.auditedChunks()).isEqualTo(512);
    }

    @Test
    void chunksLeftInSpansOfOthersAreFoundBeforeThePoolCountsAsFull() {
        pool(Pool.SECTION);
        FineMemAllocator first = pool.owner();
        for (int i = 0; i < 16; i++) {
            first.allocate(64 * KIB);
            first.allocate(32 * KIB);
        }
        FineMemAllocator second = pool.owner();

        for (int i = 0; i < 16; i++) {
            second.allocate(32 * KIB);
        }

        assertThat(pool.auditedChunks()).isEqualTo(512);
        assertThatThrownBy(() -> second.allocate(1)).isInstanceOf(OutOfRemoteMemory.class);
    }

    @Test
    void blocksAreSpreadOverMemoryNodesInTurn() {
        FineMemAllocator memory = pool(Pool.SECTION, Pool.SECTION, Pool.SECTION).owner();

        List<String> nodes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            nodes.add(memory.allocate(CHUNK).handle().memoryNode());
        }

        assertThat(nodes).containsExactly("mn0", "mn1", "mn2", "mn0", "mn1", "mn2");
    }

    @Test
    void fullMemoryNodeIsPassedOver() {
        FineMemAllocator memory = pool(Pool.SECTION, 4 * Pool.SECTION).owner();

        for (int i = 0; i < 5; i++) {
            memory.allocate(2 * MIB);
        }

        assertThatThrownBy(() -> memory.allocate(2 * MIB)).isInstanceOf(OutOfRemoteMemory.class);
        assertThat(pool.auditedChunks()).isEqualTo(5 * 512);
    }

    @Test
    void mistakesOfTheCallerAreTypedAndChangeNothing() {
        FineMemAllocator memory = pool(2 * Pool.SECTION).owner();
        FineMemAllocator other = pool.owner();
        RemoteBlock block = memory.allocate(CHUNK);
        RemoteBlock freed = memory.allocate(CHUNK);
        memory.free(freed);

        assertThatThrownBy(() -> memory.free(freed))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("already");
        assertThatThrownBy(() -> other.free(block))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("not of this");
        assertThatThrownBy(() -> memory.allocate(0)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.allocate(-1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.allocate(2 * Pool.SECTION + 1)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.allocate(Long.MAX_VALUE)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> freed.read(0, ByteBuffer.allocate(1))).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> block.read(CHUNK - 1, ByteBuffer.allocate(2))).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> block.write(-1, ByteBuffer.allocate(1))).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> block.write(Long.MAX_VALUE, ByteBuffer.allocate(1)))
                .isInstanceOf(InvalidRequest.class);
        freed.close();
        assertThat(pool.auditedChunks()).isEqualTo(1);
    }

    @Test
    void closeFreesEverythingAndLeavesInOrder() {
        FineMemAllocator memory = pool(4 * Pool.SECTION).owner();
        RemoteBlock block = memory.allocate(CHUNK);
        memory.allocate(MIB);
        memory.allocate(4 * MIB);

        memory.close();
        memory.close();
        block.close();

        assertThat(pool.auditedChunks()).isZero();
        assertThat(pool.node(0).audit().owners()).isZero();
        assertThat(pool.node(0).audit().openSpans()).isZero();
        assertThatThrownBy(() -> memory.allocate(1)).isInstanceOf(MemoryClosed.class);
    }

    @Test
    void inspectionAddsUpWhatIsUsedByWhomAndWhatIsFree() {
        pool(4 * Pool.SECTION);
        FineMemAllocator memory = pool.owner();
        memory.allocate(CHUNK);
        memory.allocate(64 * KIB);
        memory.allocate(256 * KIB);
        memory.allocate(4 * MIB);

        PoolReport report = pool.node(0).inspect();

        assertThat(report.usedChunks()).isEqualTo(1 + 16 + 64 + 1024);
        assertThat(report.openSpans()).isEqualTo(1);
        assertThat(report.takenSpans()).isEqualTo(2 + 32);
        assertThat(report.emptySpans()).isEqualTo(64 - 1 - 2 - 32);
        assertThat(report.largestFreeBytes()).isBetween(MIB, 2 * MIB);
        assertThat(report.fragmentation()).isBetween(0.0, 1.0);
        assertThat(report.owners()).singleElement().satisfies(owner -> {
            assertThat(owner.live()).isTrue();
            assertThat(owner.coveredChunks()).isEqualTo(report.usedChunks());
        });
        assertThat(report.metadataBytes()).isPositive();
    }

    @Test
    void threadsAndOwnersTogetherNeverGetTheSameMemory() throws Exception {
        pool(16 * Pool.SECTION, 16 * Pool.SECTION);
        List<FineMemAllocator> owners = List.of(
                pool.owner(AllocatorOptions.defaults().withWorkers(2)),
                pool.owner(AllocatorOptions.defaults().withWorkers(2)));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        long seed = System.nanoTime();
        try {
            List<Callable<List<RemoteBlock>>> jobs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                FineMemAllocator owner = owners.get(i % 2);
                Random random = new Random(seed + i);
                jobs.add(() -> churn(owner, random));
            }
            List<RemoteBlock> live = new ArrayList<>();
            for (Future<List<RemoteBlock>> job : threads.invokeAll(jobs)) {
                live.addAll(job.get());
            }
            List<RemoteBlock> first = live.stream()
                    .filter(block -> block.handle().memoryNode().equals("mn0"))
                    .toList();
            Pool.assertDisjoint(first, seed);
            long bytes = live.stream().mapToLong(RemoteBlock::length).sum();
            assertThat(pool.auditedChunks()).as("seed %d", seed).isEqualTo(bytes / CHUNK);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static List<RemoteBlock> churn(FineMemAllocator memory, Random random) {
        List<RemoteBlock> live = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            if (live.size() < 20 || random.nextBoolean() && live.size() < 100) {
                RemoteBlock block = memory.allocate(1L << 12 + random.nextInt(random.nextInt(20) == 0 ? 11 : 5));
                block.compareAndSwap(0, block.fetchAdd(0, 0), block.handle().address());
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
