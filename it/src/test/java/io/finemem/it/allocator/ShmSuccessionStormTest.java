package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Owners of several threads die again and again while another works beside them in the same spans, and are resumed or not. */
class ShmSuccessionStormTest {
    private static final int THREADS = 3;
    private static final int DEATHS = 15;
    private static final int MOST_HELD = 60;
    private static final Duration NEVER = Duration.ofSeconds(60);

    @ParameterizedTest
    @EnumSource
    void everySuccessorHasEveryBlockAndNothingIsLeftOver(Isolation isolation) {
        long seed = new Random().nextLong();
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, isolation, NEVER, 16 * Pool.SECTION)) {
            RecordedOwner bystander = new RecordedOwner();
            try (Life beside = new Life(transport, pool, bystander, seed)) {
                RecordedOwner owner = new RecordedOwner();
                Random random = new Random(seed);
                for (int death = 1; death <= DEATHS; death++) {
                    Life life = new Life(transport, pool, owner, random.nextLong());
                    LockSupport.parkNanos(random.nextInt(30_000_000));
                    life.kill();
                    beside.requireAlive();
                }
                beside.rest();
                Life last = new Life(transport, pool, owner, seed);
                last.rest();
                await("seed " + seed)
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> pool.auditedChunks() == owner.chunks() + bystander.chunks());
                last.close();
            }
            assertThat(pool.auditedChunks()).as("seed %d", seed).isZero();
        }
    }

    /** A process and its threads. */
    private static final class Life implements AutoCloseable {
        private final MortalTransport mortal;
        private final RecordedOwner owner;
        private final List<FragileSession> sessions;
        private final FineMemAllocator memory;
        private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        private final List<CompletableFuture<Void>> working = new ArrayList<>();
        private final String where;
        private volatile boolean resting;

        private Life(Transport transport, Pool pool, RecordedOwner owner, long seed) {
            this.where = "seed " + seed;
            this.mortal = new MortalTransport(transport);
            this.owner = owner;
            this.sessions = pool.sessions();
            AllocatorOptions options =
                    AllocatorOptions.defaults().withWorkers(2).withRunAhead((int) (seed & 3));
            this.memory = owner.open(mortal.transport(), sessions, options);
            List<RemoteBlock> held = owner.assertAllHeld(memory, where);
            owner.assertContent(memory, held, where);
            for (int i = 0; i < THREADS; i++) {
                List<RemoteBlock> mine = new ArrayList<>();
                for (int j = i; j < held.size(); j += THREADS) {
                    mine.add(held.get(j));
                }
                Random random = new Random(seed + i);
                working.add(CompletableFuture.runAsync(() -> work(random, mine), threads));
            }
        }

        private void work(Random random, List<RemoteBlock> mine) {
            try {
                while (!resting) {
                    if (mine.isEmpty() || mine.size() < random.nextInt(MOST_HELD)) {
                        allocate(random, mine);
                    } else {
                        owner.free(memory, mine.remove(random.nextInt(mine.size())));
                    }
                }
            } catch (RuntimeException e) {
                if (!mortal.dead()) {
                    throw e;
                }
            }
        }

        private void allocate(Random random, List<RemoteBlock> mine) {
            try {
                mine.add(owner.allocate(memory, 4096L << random.nextInt(8)));
            } catch (OutOfRemoteMemory full) {
                assertThat(full).as(where).hasMessageContaining("bytes=");
            }
        }

        void requireAlive() {
            working.forEach(work -> assertThat(work).as(where).isNotDone());
        }

        void rest() {
            resting = true;
            working.forEach(CompletableFuture::join);
        }

        void kill() {
            mortal.die();
            sessions.forEach(FragileSession::kill);
            working.forEach(CompletableFuture::join);
            memory.suspend();
            threads.shutdown();
        }

        @Override
        public void close() {
            rest();
            memory.close();
            threads.shutdown();
        }
    }
}
