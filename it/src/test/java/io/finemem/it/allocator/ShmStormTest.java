package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Connections of several workers fail again and again while other owners die, so that settling meets all of it. */
class ShmStormTest {
    private static final int CHUNK = 4096;

    @Test
    void blocksStayTheirHoldersThroughFailuresSettlingsAndDeaths() {
        long seed = System.nanoTime();
        AtomicBoolean stop = new AtomicBoolean();
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(real, Duration.ofSeconds(2), 8 * Pool.SECTION)) {
            FaultyTransport faulty = new FaultyTransport(real);
            try (FineMemAllocator memory = FineMemAllocator.open(
                    faulty.transport(),
                    List.copyOf(pool.sessions()),
                    AllocatorOptions.defaults().withWorkers(3))) {
                List<CompletableFuture<Void>> load = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    Random random = new Random(seed + i);
                    load.add(CompletableFuture.runAsync(() -> churn(memory, random, stop)));
                }
                storm(pool, faulty, new Random(seed + 10));
                stop.set(true);
                load.forEach(CompletableFuture::join);

                Awaitility.await("seed " + seed).atMost(Duration.ofSeconds(20)).until(() -> pool.auditedChunks() == 0);
                assertThat(memory.statistics().liveBlocks()).as("seed %d", seed).isZero();
            }
        } finally {
            stop.set(true);
        }
    }

    private static void storm(Pool pool, FaultyTransport faulty, Random random) {
        for (int round = 0; round < 12; round++) {
            List<FragileSession> sessions = pool.sessions();
            FineMemAllocator victim = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
            for (int i = 0; i < 40; i++) {
                allocateIfThereIsRoom(victim, (long) CHUNK << random.nextInt(6));
                faulty.failAt(random.nextInt(50), random.nextBoolean());
            }
            sessions.forEach(FragileSession::kill);
            pool.awaitOwners(1);
        }
    }

    private static void allocateIfThereIsRoom(FineMemAllocator memory, long bytes) {
        try {
            memory.allocate(bytes);
        } catch (OutOfRemoteMemory full) {
            assertThat(full).hasMessageContaining("bytes=" + bytes);
        }
    }

    private static void churn(FineMemAllocator memory, Random random, AtomicBoolean stop) {
        List<RemoteBlock> live = new ArrayList<>();
        while (!stop.get()) {
            if (live.size() < 8 || random.nextBoolean() && live.size() < 40) {
                try {
                    RemoteBlock block = memory.allocate((long) CHUNK << random.nextInt(7));
                    live.add(block);
                    mark(block);
                } catch (OutOfRemoteMemory full) {
                    assertThat(full).hasMessageContaining("bytes=");
                }
            } else {
                RemoteBlock block = live.remove(random.nextInt(live.size()));
                assertThat(repeated(() -> block.fetchAdd(0, 0)))
                        .isEqualTo(block.handle().address());
                block.close();
            }
        }
        live.forEach(RemoteBlock::close);
    }

    private static void mark(RemoteBlock block) {
        long address = block.handle().address();
        long found = repeated(() -> block.fetchAdd(0, 0));
        while (found != address) {
            long expected = found;
            repeated(() -> block.compareAndSwap(0, expected, address));
            found = repeated(() -> block.fetchAdd(0, 0));
        }
    }

    private interface Operation {
        long run();
    }

    /** Operations here may be repeated when their data connection failed. */
    private static long repeated(Operation operation) {
        while (true) {
            try {
                return operation.run();
            } catch (ConnectionLost lost) {
                assertThat(lost).hasMessageContaining("data connection");
            }
        }
    }
}
