package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.RegisteredBuffer;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ScatterList;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Blocks and transfers beyond 2 GiB, and what a transfer leaves to the garbage collector. */
class ShmLargeBlockTest {
    private static final long GIB = 1L << 30;
    private static final int MIB = 1 << 20;
    private static final int CHUNK = 4096;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    @Tag("slow")
    void blockBeyondTwoGibibytesIsReachedFromItsFirstToItsLastByte() {
        long needed = 2 * GIB + 4 * Pool.SECTION;
        long free =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getFreeMemorySize();
        Assumptions.assumeTrue(
                "true".equals(System.getenv("CI")) || free > 2 * needed,
                "a pool of 2 GiB needs more free memory than " + free + " bytes");
        try (Pool pool = new Pool(transport, Duration.ofSeconds(60), needed)) {
            FineMemAllocator memory = pool.owner();
            RemoteBlock block = memory.allocate(2 * GIB + 3 * Pool.SECTION);
            assertThat(block.length()).isEqualTo(2 * GIB + 3 * Pool.SECTION);
            ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
            for (long offset : new long[] {0, GIB - 4, 2 * GIB - 4, 2 * GIB, block.length() - Long.BYTES}) {
                block.write(offset, word.clear().putLong(0, offset));
                block.read(offset, word.clear());
                assertThat(word.getLong(0)).isEqualTo(offset);
            }
            assertThat(block.fetchAdd(block.length() - 2 * Long.BYTES, 1)).isZero();
            transferMoreThanTwoGibibytes(memory, block);
        }
    }

    /** The same 16 MiB again and again: the network takes as much as if they were others. */
    private static void transferMoreThanTwoGibibytes(FineMemAllocator memory, RemoteBlock block) {
        try (RegisteredBuffer buffer = memory.buffers().acquire(16 * MIB);
                RegisteredBuffer end = memory.buffers().acquire(CHUNK)) {
            ScatterList list = new ScatterList();
            for (int i = 0; i < 128; i++) {
                list.add(buffer, 0, 16 * MIB);
            }
            end.bytes().putLong(CHUNK - Long.BYTES, 99);
            list.add(end, 0, CHUNK);
            assertThat(list.bytes()).isEqualTo(2 * GIB + CHUNK);
            block.write(8, list);
            assertThat(block.fetchAdd(8 + 2 * GIB + CHUNK - Long.BYTES, 0)).isEqualTo(99);
            block.writeAsync(Pool.SECTION, list).toCompletableFuture().join();
            assertThat(block.fetchAdd(Pool.SECTION + 2 * GIB + CHUNK - Long.BYTES, 0))
                    .isEqualTo(99);
        }
    }

    @Test
    void transferOfRegisteredBuffersLeavesNoGarbage() {
        try (Pool pool = new Pool(transport, 4 * Pool.SECTION)) {
            FineMemAllocator memory = pool.owner();
            RemoteBlock block = memory.allocate(MIB);
            RegisteredBuffer buffer = memory.buffers().acquire(CHUNK);
            ScatterList list = new ScatterList().add(buffer, 0, 100).add(buffer, 1000, 100);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long self = Thread.currentThread().getId();
            long bytes = Long.MAX_VALUE;
            int rounds = 20_000;
            for (int warm = 0; warm < 3; warm++) {
                long before = threads.getThreadAllocatedBytes(self);
                for (int i = 0; i < rounds; i++) {
                    block.write(0, buffer, 0, CHUNK);
                    block.read(CHUNK, buffer, 0, CHUNK);
                    block.write(9, list);
                    block.fetchAdd(0, 1);
                }
                bytes = (threads.getThreadAllocatedBytes(self) - before) / rounds;
            }
            assertThat(bytes)
                    .as("bytes per write, read, write of a list and atomic")
                    .isZero();
        }
    }
}
