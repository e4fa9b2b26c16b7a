package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** The same through an allocation service; the garbage of its serving threads counts too. */
class ShmServiceReusableBlockTest extends ShmReusableBlockTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    Path directory;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private long[] serving = {};

    /** Two threads for each, and on a busy machine a switch between them. */
    @Override
    int pairs() {
        return 20_000;
    }

    @Override
    RemoteMemory reach(FineMemAllocator owner, Transport ofApplication) {
        Path socket = directory.resolve("service" + opened.size());
        // Longer than anybody waits for a processor here: who goes to sleep makes garbage.
        Duration spin = Duration.ofSeconds(10);
        AllocationService service = AllocationService.open(
                ServiceOptions.at(socket).withSpin(spin).withThreads(1, List.of()), owner, owner::controls);
        opened.push(service);
        ServiceMemory memory = ServiceMemory.open(
                ofApplication, ServiceClientOptions.at(socket, "reuse").withSpin(spin));
        opened.push(memory);
        serving = servingThreads();
        assertThat(serving).isNotEmpty();
        return memory;
    }

    @Override
    void leave() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private static long[] servingThreads() {
        return Arrays.stream(THREADS.getAllThreadIds())
                .filter(id -> {
                    ThreadInfo thread = THREADS.getThreadInfo(id);
                    return thread != null && thread.getThreadName().startsWith("finemem-serving-");
                })
                .toArray();
    }

    @Override
    long allocated() {
        long sum = super.allocated();
        for (long id : serving) {
            sum += THREADS.getThreadAllocatedBytes(id);
        }
        return sum;
    }
}
