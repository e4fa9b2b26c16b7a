package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.AuditReport;
import io.finemem.api.MemoryClosed;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An audit while others work. */
class ShmAuditTest {
    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());

    @AfterEach
    void close() {
        transport.close();
    }

    @Test
    void auditFindsNothingWrongWhileOwnersAllocateAndFree() {
        long seed = System.nanoTime();
        AtomicBoolean stop = new AtomicBoolean();
        try (Pool pool = new Pool(transport, 64 * Pool.SECTION)) {
            FineMemAllocator memory = pool.owner();
            for (int i = 0; i < 8000; i++) {
                memory.allocate(4096); // a long journal, so that a look takes its time
            }
            CompletableFuture<Void> load =
                    CompletableFuture.runAsync(() -> churn(pool.owner(), new Random(seed), stop));
            try {
                for (int i = 0; i < 60; i++) {
                    AuditReport report = pool.node(0).audit();
                    assertThat(report.violations())
                            .as("seed %d audit %d", seed, i)
                            .isEmpty();
                }
            } finally {
                stop.set(true);
                load.join();
            }
        }
    }

    private static void churn(FineMemAllocator memory, Random random, AtomicBoolean stop) {
        List<RemoteBlock> live = new ArrayList<>();
        while (!stop.get()) {
            if (live.size() < 8 || random.nextBoolean() && live.size() < 40) {
                live.add(memory.allocate(4096L << random.nextInt(7)));
            } else {
                live.remove(random.nextInt(live.size())).close();
            }
        }
    }

    @Test
    void memoryNodeThatIsClosedDuringAnAuditEndsItInOrder() {
        for (int run = 0; run < 20; run++) {
            try (Pool pool = new Pool(transport, 8 * Pool.SECTION)) {
                CompletableFuture<Throwable> audits = CompletableFuture.supplyAsync(() -> catchThrowable(() -> {
                    while (true) {
                        pool.node(0).audit();
                    }
                }));
                pool.node(0).audit();
                pool.node(0).close();
                assertThat(audits.join()).isInstanceOf(MemoryClosed.class);
            }
        }
    }
}
