package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.OwnerFenced;
import io.finemem.api.RemoteBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What asynchronous allocations and frees promise, on a transport. */
abstract class AsyncContract extends PoolContract {
    private static final int CHUNK = 4096;
    private static final long SPAN = 32 * CHUNK;
    private static final AllocatorOptions ONE_WORKER =
            AllocatorOptions.defaults().withWorkers(1);

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (FineMemException) e.getCause();
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Calls on the thread that completes stages: what is called there is queued as a whole before any of it begins. */
    private static <T> List<CompletionStage<T>> atOnce(
            FineMemAllocator memory, int count, Supplier<CompletionStage<T>> call) {
        List<CompletionStage<T>> stages = new ArrayList<>();
        onPump(memory, () -> {
            for (int i = 0; i < count; i++) {
                stages.add(call.get());
            }
        });
        return stages;
    }

    /** Until it ran there: a stage that is complete already runs what is attached at once. */
    private static void onPump(FineMemAllocator memory, Runnable action) {
        AtomicBoolean ran = new AtomicBoolean();
        for (int attempt = 0; !ran.get(); attempt++) {
            assertThat(attempt).isLessThan(100_000);
            RemoteBlock block = await(memory.allocateAsync(1));
            await(memory.freeAsync(block).thenRun(() -> {
                if (Thread.currentThread().getName().startsWith("finemem-async-")) {
                    ran.set(true);
                    action.run();
                }
            }));
        }
    }

    private static List<RemoteBlock> blocks(List<CompletionStage<RemoteBlock>> stages) {
        return new ArrayList<>(stages.stream().map(AsyncContract::await).toList());
    }

    private static void freeAll(FineMemAllocator memory, List<RemoteBlock> blocks) {
        blocks.stream().map(memory::freeAsync).toList().forEach(AsyncContract::await);
    }

    @Test
    void warmAllocationsRingOneDoorbellEachAndWaitTogether() {
        Assumptions.assumeTrue(isolation() == Isolation.DIRECT, "in strict isolation freed room comes back later");
        FineMemAllocator memory = pool(Pool.SECTION).owner(ONE_WORKER);
        freeAll(memory, blocks(atOnce(memory, 100, () -> memory.allocateAsync(CHUNK))));
        await(memory.allocateAsync(1));

        List<OperationCosts> before = new ArrayList<>();
        List<CompletionStage<RemoteBlock>> stages = atOnce(memory, 64, () -> {
            if (before.isEmpty()) {
                before.add(memory.allocationCosts());
            }
            return memory.allocateAsync(CHUNK);
        });
        List<RemoteBlock> blocks = blocks(stages);
        OperationCosts after = memory.allocationCosts();

        assertThat(after.doorbells() - before.get(0).doorbells()).isEqualTo(64);
        assertThat(after.verbs() - before.get(0).verbs())
                .as("journal WRITE, CAS, capability READ")
                .isEqualTo(3 * 64);
        assertThat(after.roundTrips() - before.get(0).roundTrips())
                .as("16 chains are under way together")
                .isBetween(4L, 16L);
        assertThat(memory.statistics().compareAndSwapRetries()).isZero();
        assertThat(pool.auditedChunks()).isEqualTo(65);
        Pool.assertDisjoint(blocks, 0);

        OperationCosts frees = memory.freeCosts();
        freeAll(memory, blocks);
        assertThat(memory.freeCosts().doorbells() - frees.doorbells()).isEqualTo(64);
        assertThat(memory.freeCosts().verbs() - frees.verbs()).as("FETCH_ADD").isEqualTo(64);
        assertThat(pool.auditedChunks()).isEqualTo(1);
    }

    @Test
    void blocksOfAllSizesAreDisjointAndUsable() {
        FineMemAllocator memory = pool(16 * Pool.SECTION, 16 * Pool.SECTION).owner(ONE_WORKER);
        List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            stages.add(memory.allocateAsync((long) CHUNK << i % 9));
        }
        stages.add(memory.allocateAsync(3 * Pool.SECTION));
        stages.add(memory.allocateAsync(4 * Pool.SECTION));

        List<RemoteBlock> blocks = blocks(stages);

        for (RemoteBlock block : blocks) {
            block.fetchAdd(block.length() - 8, block.handle().address() - block.fetchAdd(block.length() - 8, 0));
        }
        for (RemoteBlock block : blocks) {
            assertThat(block.fetchAdd(block.length() - 8, 0))
                    .isEqualTo(block.handle().address());
        }
        long bytes = blocks.stream().mapToLong(RemoteBlock::length).sum();
        assertThat(pool.auditedChunks()).isEqualTo(bytes / CHUNK);
        assertThat(memory.statistics().liveBytes()).isEqualTo(bytes);
        freeAll(memory, blocks);
        assertThat(pool.auditedChunks()).isZero();
        assertThat(memory.statistics().liveBlocks()).isZero();
        assertThat(memory.statistics().liveBytes()).isZero();
    }

    @Test
    void everyChunkOfThePoolIsFoundAndTheRestIsToldThatThereIsNoMore() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(ONE_WORKER);
        List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
        for (int i = 0; i < 515; i++) {
            stages.add(memory.allocateAsync(CHUNK));
        }

        List<RemoteBlock> blocks = new ArrayList<>();
        int refused = 0;
        for (CompletionStage<RemoteBlock> stage : stages) {
            try {
                blocks.add(await(stage));
            } catch (OutOfRemoteMemory full) {
                assertThat(full).hasMessageContaining("bytes=4096");
                refused++;
            }
        }

        assertThat(refused).isEqualTo(3);
        Pool.assertDisjoint(blocks, 0);
        assertThat(pool.auditedChunks()).isEqualTo(512);
        freeAll(memory, blocks);
        assertThat(pool.auditedChunks()).isZero();
        assertThat(await(memory.allocateAsync(Pool.SECTION)).length()).isEqualTo(Pool.SECTION);
    }

    @Test
    void ownersInTheSameSpansRetryAndGetDifferentBlocks() {
        pool(Pool.SECTION);
        FineMemAllocator one = pool.owner(ONE_WORKER);
        FineMemAllocator other = pool.owner(ONE_WORKER);
        List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            stages.add(one.allocateAsync(CHUNK));
            stages.add(other.allocateAsync(CHUNK));
        }

        List<RemoteBlock> blocks = blocks(stages);

        Pool.assertDisjoint(blocks, 0);
        assertThat(pool.auditedChunks()).isEqualTo(400);
        for (int i = 0; i < blocks.size(); i++) {
            await((i % 2 == 0 ? one : other).freeAsync(blocks.get(i)));
        }
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void wrongCallsEndTheirStageAndChangeNothing() {
        FineMemAllocator memory = pool(2 * Pool.SECTION).owner(ONE_WORKER);
        FineMemAllocator other = pool.owner(ONE_WORKER);
        RemoteBlock block = await(memory.allocateAsync(CHUNK));

        assertThatThrownBy(() -> await(memory.allocateAsync(0))).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> await(memory.allocateAsync(1L << 40))).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> await(other.freeAsync(block))).isInstanceOf(InvalidRequest.class);
        await(memory.freeAsync(block));
        assertThatThrownBy(() -> await(memory.freeAsync(block))).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.free(block)).isInstanceOf(InvalidRequest.class);
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void fullQueueEndsTheStageAtOnceAndTheBlockIsStillHeld() throws InterruptedException {
        FineMemAllocator memory = pool(Pool.SECTION).owner(ONE_WORKER.withAsync(2, 4));
        RemoteBlock block = memory.allocate(CHUNK);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<Void> holding = CompletableFuture.runAsync(() -> onPump(memory, () -> {
            held.countDown();
            awaitLatch(release);
        }));
        assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
        List<CompletionStage<RemoteBlock>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiting.add(memory.allocateAsync(CHUNK));
        }

        assertThatThrownBy(() -> await(memory.allocateAsync(CHUNK)))
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageContaining("finemem.client.async-queue")
                .hasMessageContaining("capacity=4");
        assertThatThrownBy(() -> await(memory.freeAsync(block))).isInstanceOf(OutOfLocalResources.class);
        assertThat(block.fetchAdd(0, 0)).isZero();
        block.close();

        release.countDown();
        await(holding);
        waiting.forEach(AsyncContract::await);
        assertThat(pool.auditedChunks()).isEqualTo(4);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void cancelledAllocationLeavesNothingBehind() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(ONE_WORKER);
        List<CompletionStage<RemoteBlock>> stages = atOnce(memory, 40, () -> {
            CompletionStage<RemoteBlock> stage = memory.allocateAsync(CHUNK);
            stage.toCompletableFuture().cancel(false);
            return stage;
        });
        RemoteBlock last = await(memory.allocateAsync(CHUNK));
        freeAll(memory, List.of(last));

        assertThat(stages).allMatch(stage -> stage.toCompletableFuture().isCancelled());
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> pool.auditedChunks() == 0);
    }

    @Test
    void closeEndsEveryStageAndNothingStaysInUse() {
        FineMemAllocator memory = pool(8 * Pool.SECTION).owner(ONE_WORKER);
        List<CompletionStage<RemoteBlock>> stages = atOnce(memory, 300, () -> memory.allocateAsync(CHUNK));
        List<CompletionStage<Void>> frees = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            frees.add(memory.freeAsync(await(stages.get(i))));
        }

        memory.close();

        for (CompletionStage<?> stage : concat(stages, frees)) {
            assertThat(stage.toCompletableFuture()).isDone();
            try {
                await(stage);
            } catch (MemoryClosed closed) {
                assertThat(closed).hasMessageContaining("closed");
            }
        }
        assertThatThrownBy(() -> await(memory.allocateAsync(CHUNK))).isInstanceOf(MemoryClosed.class);
        pool.awaitOwners(0);
        assertThat(pool.auditedChunks()).isZero();
    }

    private static List<CompletionStage<?>> concat(
            List<? extends CompletionStage<?>> one, List<? extends CompletionStage<?>> other) {
        List<CompletionStage<?>> both = new ArrayList<>(one);
        both.addAll(other);
        return both;
    }

    @Test
    void closeIsRefusedOnTheThreadThatCompletesStages() {
        FineMemAllocator memory = pool(Pool.SECTION).owner(ONE_WORKER);
        onPump(memory, () -> assertThatThrownBy(memory::close)
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("finemem-async-"));
        assertThat(await(memory.allocateAsync(CHUNK)).fetchAdd(0, 0)).isZero();
        CompletableFuture.runAsync(memory::close).join();
        pool.awaitOwners(0);
    }

    @Test
    void fencedOwnerLearnsItFromEveryStage() {
        pool(Duration.ofMillis(200), 2 * Pool.SECTION);
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator suspected = pool.owner(ONE_WORKER, sessions);
        RemoteBlock block = await(suspected.allocateAsync(CHUNK));

        sessions.forEach(FragileSession::mute);
        pool.awaitOwners(0);

        List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            stages.add(suspected.allocateAsync(CHUNK));
        }
        for (CompletionStage<RemoteBlock> stage : stages) {
            assertThatThrownBy(() -> await(stage)).isInstanceOf(OwnerFenced.class);
        }
        assertThatThrownBy(() -> await(suspected.freeAsync(block))).isInstanceOf(OwnerFenced.class);
        assertThat(pool.auditedChunks()).isZero();
    }

    @Test
    void brokenConnectionsAreReplacedUnderAsynchronousOperations() {
        pool(16 * Pool.SECTION); // a lease that is longer than the transport's retry time
        List<FragileSession> sessions = pool.sessions();
        FineMemAllocator memory = pool.owner(ONE_WORKER, sessions);
        List<RemoteBlock> live = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            List<CompletionStage<RemoteBlock>> stages = atOnce(memory, 32, () -> memory.allocateAsync(CHUNK));
            sessions.forEach(FragileSession::breakConnections);
            live.addAll(blocks(stages));
            live.add(await(memory.allocateAsync(SPAN)));
        }
        Pool.assertDisjoint(live, 0);
        long bytes = live.stream().mapToLong(RemoteBlock::length).sum();

        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(pool.auditedChunks()).isEqualTo(bytes / CHUNK));
        freeAll(memory, live);
        assertThat(pool.auditedChunks()).isZero();
    }
}
