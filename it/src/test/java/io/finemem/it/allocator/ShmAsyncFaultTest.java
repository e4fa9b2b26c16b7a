package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.AsyncOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.api.FineMemException;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections fail with many asynchronous operations under way: nothing may be lost, stuck or given twice. */
@Tag("slow")
class ShmAsyncFaultTest {
    private static final long POOL = 4 * Pool.SECTION;
    private static final AllocatorOptions OPTIONS = new AllocatorOptions(
            1, Duration.ofSeconds(5), ContentionThresholds.DEFAULT, 0, 0, AsyncOptions.DEFAULT, DataOptions.defaults());

    @Test
    void allChainsThatFitArePostedBeforeTheFirstCompletionIsSeen() {
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(real, POOL)) {
            FaultyTransport faulty = new FaultyTransport(real);
            try (FineMemAllocator memory =
                    FineMemAllocator.open(faulty.transport(), List.copyOf(pool.sessions()), OPTIONS)) {
                join(memory.allocateAsync(4096));
                int before = faulty.chains();
                faulty.withholdUntil(AsyncOptions.DEFAULT.depth());

                List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
                for (int i = 0; i < AsyncOptions.DEFAULT.depth(); i++) {
                    stages.add(memory.allocateAsync(4096));
                }

                assertThat(held(stages)).hasSize(AsyncOptions.DEFAULT.depth());
                assertThat(faulty.chains() - before)
                        .as("none was given up and posted again")
                        .isEqualTo(AsyncOptions.DEFAULT.depth());
                assertThat(memory.statistics().compareAndSwapRetries()).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void wholePoolIsUsableAgainWhereverAConnectionFailed(boolean afterExecution) {
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty())) {
            int chains = life(real, -1, afterExecution);
            assertThat(chains).isGreaterThan(100);
            for (int failing = 0; failing < chains; failing++) {
                life(real, failing, afterExecution);
            }
        }
    }

    /** Returns the chains that it took. */
    private static int life(Transport real, int failing, boolean afterExecution) {
        String where = "chain " + failing + " afterExecution " + afterExecution;
        FaultyTransport faulty = new FaultyTransport(real);
        try (Pool pool = new Pool(real, Duration.ofSeconds(3), POOL);
                FineMemAllocator memory =
                        FineMemAllocator.open(faulty.transport(), List.copyOf(pool.sessions()), OPTIONS)) {
            faulty.failAt(failing, afterExecution);
            int before = faulty.chains();
            List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                stages.add(memory.allocateAsync(4096));
            }
            for (long chunks : new long[] {16, 2, 64, 512, 1024, 33}) {
                stages.add(memory.allocateAsync(chunks * 4096));
            }
            List<RemoteBlock> blocks = held(stages);
            Pool.assertDisjoint(blocks, failing);
            blocks.stream().map(memory::freeAsync).toList().forEach(ShmAsyncFaultTest::join);
            join(memory.allocateAsync(4096).thenCompose(memory::freeAsync));
            int chains = faulty.chains() - before;

            await(where)
                    .atMost(Duration.ofSeconds(5))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> canHoldAll(memory));
            assertThat(pool.auditedChunks()).as(where).isZero();
            assertThat(memory.statistics().liveBlocks()).as(where).isZero();
            return chains;
        }
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** The blocks; a pool of which much is in doubt may have had no room for all. */
    private static List<RemoteBlock> held(List<CompletionStage<RemoteBlock>> stages) {
        List<RemoteBlock> blocks = new ArrayList<>();
        for (CompletionStage<RemoteBlock> stage : stages) {
            try {
                blocks.add(join(stage));
            } catch (CompletionException e) {
                assertThat(e).hasCauseInstanceOf(OutOfRemoteMemory.class);
            }
        }
        return blocks;
    }

    private static boolean canHoldAll(FineMemAllocator memory) {
        List<RemoteBlock> all = held(List.of(memory.allocateAsync(POOL)));
        all.forEach(RemoteBlock::close);
        return !all.isEmpty();
    }

    @Test
    void blockingAndAsynchronousThreadsKeepTheirBlocksThroughFailuresSettlingsAndDeaths() {
        long seed = System.nanoTime();
        AtomicBoolean stop = new AtomicBoolean();
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(real, Duration.ofSeconds(2), 8 * Pool.SECTION)) {
            FaultyTransport faulty = new FaultyTransport(real);
            try (FineMemAllocator memory = FineMemAllocator.open(
                    faulty.transport(),
                    List.copyOf(pool.sessions()),
                    AllocatorOptions.defaults().withWorkers(2))) {
                List<CompletableFuture<Void>> load = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    Random random = new Random(seed + i);
                    load.add(CompletableFuture.runAsync(() -> churnAsync(memory, random, stop)));
                    Random other = new Random(seed + 5 + i);
                    load.add(CompletableFuture.runAsync(() -> churn(memory, other, stop)));
                }
                storm(pool, faulty, new Random(seed + 10));
                stop.set(true);
                load.forEach(CompletableFuture::join);

                await("seed " + seed).atMost(Duration.ofSeconds(20)).until(() -> pool.auditedChunks() == 0);
                assertThat(memory.statistics().liveBlocks()).as("seed %d", seed).isZero();
                assertThat(memory.statistics().liveBytes()).as("seed %d", seed).isZero();
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        } finally {
            stop.set(true);
        }
    }

    private static void storm(Pool pool, FaultyTransport faulty, Random random) {
        for (int round = 0; round < 12; round++) {
            List<FragileSession> sessions = pool.sessions();
            FineMemAllocator victim = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
            List<CompletionStage<RemoteBlock>> stages = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                stages.add(victim.allocateAsync(4096L << random.nextInt(6)));
                faulty.failAt(random.nextInt(200), random.nextBoolean());
            }
            held(stages.subList(0, 20));
            sessions.forEach(FragileSession::kill);
            pool.awaitOwners(1);
        }
    }

    private static void churnAsync(FineMemAllocator memory, Random random, AtomicBoolean stop) {
        Deque<CompletionStage<RemoteBlock>> live = new ArrayDeque<>();
        Deque<CompletionStage<?>> freed = new ArrayDeque<>();
        while (!stop.get()) {
            if (live.size() < 20 || random.nextBoolean() && live.size() < 80) {
                live.add(memory.allocateAsync(4096L << random.nextInt(7)));
            } else {
                for (RemoteBlock block : held(List.of(live.remove()))) {
                    freed.add(memory.freeAsync(block));
                }
            }
            if (freed.size() > 50) {
                join(freed.remove());
            }
        }
        held(new ArrayList<>(live)).forEach(block -> freed.add(memory.freeAsync(block)));
        freed.forEach(ShmAsyncFaultTest::join);
    }

    private static void churn(FineMemAllocator memory, Random random, AtomicBoolean stop) {
        Deque<RemoteBlock> live = new ArrayDeque<>();
        while (!stop.get()) {
            try {
                live.add(memory.allocate(4096L << random.nextInt(7)));
            } catch (FineMemException full) {
                assertThat(full).isInstanceOf(OutOfRemoteMemory.class);
            }
            if (live.size() > random.nextInt(40)) {
                live.remove().close();
            }
        }
        live.forEach(RemoteBlock::close);
    }
}
