package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.MemoryRegion;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotPathTest {
    private static final int CHAINS = 500_000;

    @TempDir
    private Path directory;

    /** Fills, posts and polls; the same number of times for each call. */
    private static void compareAndSwap(Chain chain, MemoryRegion remote, int times) {
        long value = remote.getWord(0);
        for (int i = 0; i < times; i++) {
            chain.clear().compareAndSwap(remote.address(), remote.rkey(), value, value + 1);
            Fixture.execute(chain);
            value++;
        }
    }

    @Test
    void chainsMakeNoGarbage() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        try (TwoNodes nodes = new TwoNodes(directory)) {
            MemoryRegion remote = nodes.region(4096);
            Chain chain = nodes.client().newChain(1);
            compareAndSwap(chain, remote, CHAINS);
            long bytesBefore = threads.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            compareAndSwap(chain, remote, CHAINS);
            long nanos = System.nanoTime() - start;
            long bytes = threads.getCurrentThreadAllocatedBytes() - bytesBefore;
            System.out.printf("CAS chain of one: %d ns, %d bytes in %d chains%n", nanos / CHAINS, bytes, CHAINS);
            assertThat(bytes).as("bytes allocated by %d chains", CHAINS).isLessThan(CHAINS);
            assertThat(remote.getWord(0)).isEqualTo(2L * CHAINS);
        }
    }
}
