package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.AllocationRequest;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.client.ServiceMemory;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Allocations and frees through a service that writes each of them down for its next run, with and without a label: neither the
 * application's thread nor the serving one leaves garbage.
 */
class ShmServiceGarbageTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int PAIRS = 10_000;
    private static final int WARM_UP = 3 * PAIRS;
    private static final int ATTEMPTS = 20;
    /** Longer than anybody waits for a processor: who goes to sleep makes garbage. */
    private static final Duration SPIN = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"0, ''", "8, fast"})
    void pairThroughAServiceWithAJournalLeavesNoGarbage(int runAhead, String label) {
        Assumptions.assumeTrue(THREADS.isThreadAllocatedMemorySupported(), "this JVM does not count bytes per thread");
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(
                        transport,
                        options -> options.withIsolation(Isolation.DIRECT)
                                .withLabels(new TreeSet<>(Set.of("fast", "ssd"))),
                        4 * Pool.SECTION);
                RestartableService service = new RestartableService(
                        directory,
                        transport,
                        AllocatorOptions.defaults().withWorkers(2).withRunAhead(runAhead),
                        options -> options.withSpin(SPIN))) {
            service.start(pool.sessions());
            try (ServiceMemory memory = service.application("garbage", SPIN)) {
                assertNoGarbage(memory, new AllocationRequest(4096, label));
            }
        }
    }

    private static void assertNoGarbage(RemoteMemory memory, AllocationRequest request) {
        ReusableBlock block = memory.newReusableBlock();
        long[] serving = servingThreads();
        assertThat(serving).hasSize(1);
        run(memory, block, request, WARM_UP);
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) { // the compiler may still be at work
            long before = allocated(serving);
            run(memory, block, request, PAIRS);
            least = Math.min(least, allocated(serving) - before);
        }
        assertThat(least).as("heap bytes of %d pairs", PAIRS).isZero();
    }

    private static void run(RemoteMemory memory, ReusableBlock block, AllocationRequest request, int pairs) {
        for (int i = 0; i < pairs; i++) {
            memory.allocateInto(block, request);
            memory.free(block);
        }
    }

    private static long allocated(long[] serving) {
        long sum = THREADS.getCurrentThreadAllocatedBytes();
        for (long id : serving) {
            sum += THREADS.getThreadAllocatedBytes(id);
        }
        return sum;
    }

    private static long[] servingThreads() {
        return Arrays.stream(THREADS.getAllThreadIds())
                .filter(id -> {
                    ThreadInfo thread = THREADS.getThreadInfo(id);
                    return thread != null && thread.getThreadName().startsWith("finemem-serving-");
                })
                .toArray();
    }
}
