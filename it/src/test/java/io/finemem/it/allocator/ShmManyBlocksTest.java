package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * As many blocks open at once as nobody expects: 65,536 or {@code -Dfinemem.blocks}, such as 1048576. Their pool is on a disk, because
 * nothing but its metadata is touched.
 */
@Timeout(600)
class ShmManyBlocksTest {
    private static final int CHUNK = 4096;
    private static final int BATCH = 256;
    private static final int BLOCKS = Integer.getInteger("finemem.blocks", 1 << 16);
    private static final long BYTES = (long) BLOCKS * CHUNK;

    @TempDir
    private Path directory = Path.of(".");

    @Test
    void manyThousandBlocksAreOpenAtOnceAndAllGoBack() throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        Assumptions.assumeTrue(
                "true".equals(System.getenv("CI")) || free > BYTES + (1L << 30),
                "a pool of " + BYTES + " bytes needs more space than the " + free + " bytes of " + directory);
        Map<String, String> settings = Map.of("directory", directory.toString());
        try (Transport transport =
                        new ShmTransportProvider().open(TransportSettings.of("finemem.transport.shm", settings));
                Pool pool = new Pool(transport, Isolation.DIRECT, Duration.ofSeconds(120), BYTES)) {
            FineMemAllocator memory = pool.owner();
            List<RemoteBlock> blocks = new ArrayList<>(BLOCKS);
            while (blocks.size() < BLOCKS) {
                blocks.addAll(memory.allocateAll(CHUNK, BATCH));
            }
            assertThat(memory.statistics().liveBlocks()).isEqualTo(BLOCKS);
            Pool.assertDisjoint(blocks, 0);
            assertThatThrownBy(() -> memory.allocate(CHUNK)).isInstanceOf(OutOfRemoteMemory.class);
            blocks.get(BLOCKS - 1).write(CHUNK - 1, ByteBuffer.allocate(1));
            assertThat(pool.auditedChunks()).isEqualTo(BLOCKS);
            memory.freeAll(blocks);
            assertThat(memory.statistics().liveBlocks()).isZero();
            assertThat(pool.auditedChunks()).isZero();
        }
    }
}
