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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection fails while frees are posted that nobody waits for: each is asked for exactly once. */
class ShmPostedFreesTest {
    private static final int FREES = 12;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 11, 12})
    void everyPostedFreeIsExecutedOnceWhereverTheConnectionFailed(int executed) {
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty())) {
            FaultyTransport faulty = new FaultyTransport(real);
            try (Pool pool = new Pool(real, Isolation.STRICT, Duration.ofSeconds(5), 2 * Pool.SECTION);
                    FineMemAllocator memory = FineMemAllocator.open(
                            faulty.transport(),
                            List.copyOf(pool.sessions()),
                            AllocatorOptions.defaults().withWorkers(1))) {
                List<RemoteBlock> blocks = new ArrayList<>();
                for (int i = 0; i < 2 * FREES; i++) {
                    blocks.add(memory.allocate(4096));
                }
                faulty.loseCompletions(executed);
                blocks.subList(0, FREES).forEach(RemoteBlock::close);
                faulty.cutOff();
                memory.allocate(4096);

                assertThat(pool.auditedChunks()).isEqualTo(FREES + 1);
                assertThat(pool.node(0).revocations().revoked()).isEqualTo(FREES);
                assertThat(memory.statistics().liveBlocks()).isEqualTo(FREES + 1);
                blocks.subList(FREES, 2 * FREES).forEach(RemoteBlock::close);
                assertThat(pool.auditedChunks()).isEqualTo(1);
            }
        }
    }

    @Test
    void freesThatAFailedConnectionCutOffAreExecutedThoughTheOwnerDoesNothingMore() {
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty())) {
            FaultyTransport faulty = new FaultyTransport(real);
            try (Pool pool = new Pool(real, Isolation.STRICT, Duration.ofSeconds(5), 2 * Pool.SECTION);
                    FineMemAllocator memory = FineMemAllocator.open(
                            faulty.transport(),
                            List.copyOf(pool.sessions()),
                            AllocatorOptions.defaults().withWorkers(1))) {
                List<RemoteBlock> blocks = new ArrayList<>();
                for (int i = 0; i < FREES; i++) {
                    blocks.add(memory.allocate(4096));
                }
                faulty.loseCompletions(1);
                blocks.forEach(RemoteBlock::close);
                faulty.cutOff();

                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(pool.auditedChunks()).isZero());
                assertThat(pool.node(0).revocations().revoked()).isEqualTo(FREES);
            }
        }
    }
}
