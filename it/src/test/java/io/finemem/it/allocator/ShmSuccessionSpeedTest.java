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
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Measures and prints how long a successor's opening takes; asserts that it has everything. */
class ShmSuccessionSpeedTest {
    private static final int BLOCKS = 10_000;

    @ParameterizedTest
    @EnumSource
    void tenThousandBlocks(Isolation isolation) {
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, isolation, Duration.ofSeconds(60), 128 * Pool.SECTION)) {
            RecordedOwner owner = new RecordedOwner();
            FineMemAllocator memory = owner.open(transport, pool.sessions(), AllocatorOptions.defaults());
            for (int i = 0; i < BLOCKS; i++) {
                owner.allocate(memory, 4096 << i % 4);
            }
            memory.suspend();
            for (int run = 0; run < 3; run++) {
                long start = System.nanoTime();
                FineMemAllocator successor = owner.open(transport, pool.sessions(), AllocatorOptions.defaults());
                long nanos = System.nanoTime() - start;
                List<RemoteBlock> blocks = owner.assertAllHeld(successor, "run " + run);
                assertThat(blocks).hasSize(BLOCKS);
                owner.assertContent(successor, blocks, "run " + run);
                long chunks = owner.chunks();
                await().until(() -> pool.auditedChunks() == chunks);
                successor.suspend();
                System.out.printf(
                        Locale.ROOT, "resume on shm, %s: %d blocks: %.1f ms%n", isolation, BLOCKS, nanos / 1e6);
            }
        }
    }
}
