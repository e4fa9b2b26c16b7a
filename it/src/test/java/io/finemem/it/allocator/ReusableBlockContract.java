package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.spi.transport.Transport;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application gets that uses one object for one block after the other, however its memory is reached. */
abstract class ReusableBlockContract extends PoolContract {
    private static final int CHUNK = 4096;
    /** Turns of each thread that wants a place which several want. */
    private static final int TURNS = 50;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private FineMemAllocator owner;

    /** Pairs that are measured, and before them as many to warm up. */
    int pairs() {
        return 100_000;
    }

    /** The memory of an application that allocates from an owner: the owner's own, or one that goes through it. */
    RemoteMemory reach(FineMemAllocator owner, Transport ofApplication) {
        return owner;
    }

    /** Closes what was opened to {@link #reach} an owner. */
    void leave() throws Exception {}

    @AfterEach
    void leaveOwner() throws Exception {
        leave();
    }

    private RemoteMemory memory(int runAhead, long... nodeBytes) {
        return memory(2, runAhead, nodeBytes);
    }

    private RemoteMemory memory(int workers, int runAhead, long[] nodeBytes) {
        pool(Duration.ofSeconds(20), nodeBytes);
        owner = pool.owner(AllocatorOptions.defaults().withWorkers(workers).withRunAhead(runAhead));
        return reach(owner, transport);
    }

    /** By who closes: also what was claimed ahead. */
    private void assertAllIsGivenBack() throws Exception {
        leave();
        owner.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    private RemoteMemory memory() {
        return memory(0, Pool.SECTION);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void holdsOneBlockAfterTheOther(int runAhead) throws Exception {
        RemoteMemory memory = memory(runAhead, 4 * Pool.SECTION);
        ReusableBlock block = memory.newReusableBlock();
        Set<String> holdings = new HashSet<>();
        for (int round = 0; round < 200; round++) {
            long length = round % 3 == 0 ? 128 << 10 : (long) CHUNK << round % 5;
            assertThat(block.holdsBlock()).isFalse();
            memory.allocateInto(block, length);
            assertThat(block.holdsBlock()).isTrue();
            assertThat(block.length()).isEqualTo(length);
            BlockHandle handle = block.handle();
            assertThat(holdings.add(handle.address() + "/" + handle.length() + "/" + handle.generation()))
                    .as("%s in round %d", handle, round)
                    .isTrue();
            block.write(length - 8, ByteBuffer.allocate(8).putLong(0, round));
            assertThat(block.fetchAdd(length - 8, 1)).isEqualTo(Long.reverseBytes(round));
            if (round % 2 == 0) {
                memory.free(block);
            } else {
                block.close();
            }
        }
        assertThat(memory.statistics().allocations()).isEqualTo(200);
        assertThat(memory.statistics().frees()).isEqualTo(200);
        assertAllIsGivenBack();
    }

    @Test
    void blockOfSeveralSectionsIsHeldAsWell() throws Exception {
        RemoteMemory memory = memory(0, 8 * Pool.SECTION);
        ReusableBlock block = memory.newReusableBlock();
        for (int round = 0; round < 3; round++) {
            memory.allocateInto(block, 3 * Pool.SECTION);
            assertThat(block.fetchAdd(3 * Pool.SECTION - 8, 7) + block.fetchAdd(3 * Pool.SECTION - 8, -7))
                    .isEqualTo(7);
            memory.free(block);
            memory.allocateInto(block, CHUNK);
            assertThatThrownBy(() -> block.fetchAdd(CHUNK, 1)).isInstanceOf(InvalidRequest.class);
            memory.free(block);
        }
        assertAllIsGivenBack();
    }

    @Test
    void withoutABlockEveryOperationIsRefused() {
        RemoteMemory memory = memory();
        ReusableBlock block = memory.newReusableBlock();
        assertRefuses(memory, block);
        memory.allocateInto(block, CHUNK);
        block.close();
        assertRefuses(memory, block);
        memory.allocateInto(block, CHUNK);
        assertThat(memory.statistics().liveBlocks()).isEqualTo(1);
        memory.free(block);
        memory.close();
        assertThatThrownBy(() -> memory.allocateInto(block, CHUNK)).isInstanceOf(MemoryClosed.class);
        assertThat(block.holdsBlock()).isFalse();
    }

    private static void assertRefuses(RemoteMemory memory, ReusableBlock block) {
        try (RegisteredBuffer buffer = memory.buffers().acquire(8)) {
            List<Runnable> uses = List.of(
                    block::handle,
                    block::length,
                    () -> block.read(0, ByteBuffer.allocate(8)),
                    () -> block.write(0, ByteBuffer.allocate(8)),
                    () -> block.write(0, buffer, 0, 8),
                    () -> block.fetchAdd(0, 1),
                    () -> block.compareAndSwap(0, 0, 1),
                    () -> memory.free(block),
                    () -> memory.freeAll(List.of(block)));
            uses.forEach(use -> assertThatThrownBy(use::run).isInstanceOf(InvalidRequest.class));
            assertThatThrownBy(() -> block.readAsync(0, buffer, 0, 8)
                            .toCompletableFuture()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InvalidRequest.class);
        }
        block.close();
        assertThat(block.holdsBlock()).isFalse();
    }

    @Test
    void allocatingIntoAHeldOrForeignObjectChangesNothing() {
        RemoteMemory memory = memory();
        RemoteMemory other = reach(pool.owner(), transport);
        ReusableBlock block = memory.newReusableBlock();
        memory.allocateInto(block, CHUNK);
        BlockHandle handle = block.handle();

        assertThatThrownBy(() -> memory.allocateInto(block, CHUNK))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("free that first");
        assertThatThrownBy(() -> other.allocateInto(block, CHUNK)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> other.free(block)).isInstanceOf(InvalidRequest.class);

        assertThat(block.handle()).isEqualTo(handle);
        assertThat(pool.auditedChunks()).isEqualTo(1);
        other.close();
    }

    @Test
    void allocationThatFailsLeavesTheObjectEmptyAndUsable() {
        RemoteMemory memory = memory();
        ReusableBlock block = memory.newReusableBlock();
        RemoteBlock all = memory.allocate(memory.maxBlockBytes());

        assertThatThrownBy(() -> memory.allocateInto(block, CHUNK)).isInstanceOf(OutOfRemoteMemory.class);
        assertThatThrownBy(() -> memory.allocateInto(block, 0)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.allocateInto(block, Long.MAX_VALUE)).isInstanceOf(InvalidRequest.class);

        assertThat(block.holdsBlock()).isFalse();
        all.close();
        memory.allocateInto(block, CHUNK);
        assertThat(block.holdsBlock()).isTrue();
        block.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void objectsFreedAsynchronouslyOrInBatchesHoldTheNextBlockAtOnce(int runAhead) throws Exception {
        RemoteMemory memory = memory(runAhead, 4 * Pool.SECTION);
        List<ReusableBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            blocks.add(memory.newReusableBlock());
        }
        for (int round = 0; round < 20; round++) {
            List<Future<?>> frees = new ArrayList<>();
            for (ReusableBlock block : blocks) {
                memory.allocateInto(block, CHUNK);
                if (round % 2 == 0) {
                    frees.add(memory.freeAsync(block).toCompletableFuture());
                    memory.allocateInto(block, CHUNK);
                }
            }
            Pool.assertDisjoint(List.copyOf(blocks), round);
            for (Future<?> free : frees) {
                free.get(30, TimeUnit.SECONDS);
            }
            memory.freeAll(blocks);
        }
        assertThat(memory.statistics().liveBlocks()).isZero();
        assertAllIsGivenBack();
    }

    @Test
    void ofTwoThreadsThatAllocateIntoOneObjectOneSucceeds() throws Exception {
        RemoteMemory memory = memory(0, 4 * Pool.SECTION);
        ReusableBlock block = memory.newReusableBlock();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 200; round++) {
                Future<Boolean> one = threads.submit(() -> succeeds(memory, block));
                Future<Boolean> two = threads.submit(() -> succeeds(memory, block));
                assertThat(one.get(30, TimeUnit.SECONDS) ^ two.get(30, TimeUnit.SECONDS))
                        .as("round %d", round)
                        .isTrue();
                memory.free(block);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(memory.statistics().liveBlocks()).isZero();
    }

    private static boolean succeeds(RemoteMemory memory, ReusableBlock block) {
        try {
            memory.allocateInto(block, CHUNK);
            return true;
        } catch (InvalidRequest e) {
            return false;
        }
    }

    /** A stale user adds to a word; the only place that is free goes from one to the other, who never sees it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void useThatRunsWhileTheObjectIsReusedNeverTouchesABlockOfSomebodyElse(int runAhead) throws Exception {
        RemoteMemory memory = memory(1, runAhead, new long[] {Pool.SECTION});
        memory.allocateAll(CHUNK, (int) (Pool.SECTION / CHUNK) - 1);
        ReusableBlock shared = memory.newReusableBlock();
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger others = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<?> adding = threads.submit(() -> addUntil(end, shared));
            Future<Long> seen = threads.submit(() -> watchUntil(end, memory, others));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            for (int own = 0; own < TURNS || others.get() < TURNS; ) {
                own += tookOnePlace(memory, shared) ? 1 : 0;
                assertThat(System.nanoTime()).as("%d and %s turns", own, others).isLessThan(deadline);
            }
            end.set(true);
            adding.get(30, TimeUnit.SECONDS);
            assertThat(seen.get(30, TimeUnit.SECONDS)).isZero();
        } finally {
            end.set(true);
            threads.shutdownNow();
        }
    }

    private static boolean tookOnePlace(RemoteMemory memory, ReusableBlock shared) {
        try {
            memory.allocateInto(shared, CHUNK);
        } catch (OutOfRemoteMemory e) {
            Thread.yield();
            return false;
        }
        memory.free(shared);
        return true;
    }

    private static void addUntil(AtomicBoolean end, ReusableBlock shared) {
        while (!end.get()) {
            try {
                shared.fetchAdd(8, 1);
            } catch (InvalidRequest e) {
                assertThat(e).hasMessageContaining("holds no block");
            }
        }
    }

    private static long watchUntil(AtomicBoolean end, RemoteMemory memory, AtomicInteger turns) {
        long foreign = 0;
        while (!end.get()) {
            try (RemoteBlock own = memory.allocate(CHUNK)) {
                long before = own.fetchAdd(8, 0);
                for (int i = 0; i < 20; i++) {
                    foreign += own.fetchAdd(8, 0) - before;
                }
                turns.incrementAndGet();
            } catch (OutOfRemoteMemory e) {
                Thread.yield();
            }
        }
        return foreign;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void pairOfAllocationAndFreeLeavesNoGarbage(int runAhead) {
        RemoteMemory memory = memory(runAhead, 4 * Pool.SECTION);
        Assumptions.assumeTrue(THREADS.isThreadAllocatedMemorySupported(), "this JVM does not count bytes per thread");
        ReusableBlock block = memory.newReusableBlock();
        run(memory, block, pairs());
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3 && least > 0; attempt++) { // the compiler may still be at work
            long before = allocated();
            run(memory, block, pairs());
            least = Math.min(least, allocated() - before);
        }
        assertThat(least).as("heap bytes of %d pairs", pairs()).isZero();
        assertThat(memory.statistics().liveBlocks()).isZero();
    }

    /** Of the threads whose garbage counts. */
    long allocated() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    private static void run(RemoteMemory memory, ReusableBlock block, int pairs) {
        for (int i = 0; i < pairs; i++) {
            memory.allocateInto(block, CHUNK);
            block.fetchAdd(0, i);
            memory.free(block);
        }
    }
}
