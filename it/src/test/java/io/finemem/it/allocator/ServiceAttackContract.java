package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an application tries against the service that it allocates through, strict isolation. */
@Timeout(120)
abstract class ServiceAttackContract {
    private static final int CHUNK = 4096;
    private static final int ALLOWED = 8;
    private static final String GREEDY = "greedy";

    @TempDir
    Path directory;

    private Transport transport;
    private Pool pool;
    private FineMemAllocator owner;
    private AllocationService service;
    private Path socket;

    abstract Transport openTransport();

    /** Allocations and frees that an honest application does under attack. */
    abstract int rounds();

    @BeforeEach
    void open() {
        transport = openTransport();
        pool = new Pool(transport, Isolation.STRICT, Duration.ofSeconds(60), 4 * Pool.SECTION);
        owner = FineMemAllocator.open(
                transport,
                List.copyOf(pool.sessions()),
                AllocatorOptions.defaults().withWorkers(2));
        socket = directory.resolve("service");
        Quotas quotas = new Quotas(
                Quota.UNLIMITED,
                Map.of(HostileApplication.NAME, new Quota(1 << 20, 64), GREEDY, new Quota(ALLOWED * CHUNK, 64)),
                Map.of());
        service = AllocationService.open(ServiceOptions.at(socket).withQuotas(quotas), owner, owner::controls);
    }

    @AfterEach
    void close() {
        service.close();
        owner.close();
        pool.close();
        transport.close();
    }

    private ServiceMemory application(String name) {
        return ServiceMemory.open(transport, ServiceClientOptions.at(socket, name));
    }

    /** It harms neither the service nor those who use it beside: they get on, and their bytes stay. */
    @Test
    void anyBytesInItsOwnSegmentNeitherEndNorStallTheService() throws Exception {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        try (ServiceMemory honest = application("honest")) {
            CompletableFuture<Void> work = CompletableFuture.runAsync(() -> work(honest));
            int sessions = new HostileApplication(socket, seed).attackUntil(work::isDone);
            work.get(1, TimeUnit.SECONDS);
            assertThat(sessions).as("sessions, seed %d", seed).isGreaterThan(1);
            await().atMost(Duration.ofSeconds(60)).until(() -> service.sessions() == 1);
        }
        awaitNothingUsed();
    }

    private void work(ServiceMemory honest) {
        for (int round = 1; round <= rounds(); round++) {
            try (RemoteBlock block = honest.allocate(CHUNK)) {
                long word = block.fetchAdd(8, round);
                assertThat(block.fetchAdd(8, 0)).isEqualTo(word + round);
            }
        }
    }

    @Test
    void nobodyHoldsMoreThanItsQuotaAndOthersAreNotHeldBack() {
        try (ServiceMemory greedy = application(GREEDY);
                ServiceMemory other = application("other")) {
            RemoteBlock first = greedy.allocate(CHUNK);
            List<RemoteBlock> rest = greedy.allocateAll(CHUNK, ALLOWED - 1);
            assertThatThrownBy(() -> greedy.allocate(CHUNK)).isInstanceOf(QuotaExceeded.class);
            try (ServiceMemory again = application(GREEDY)) {
                assertThatThrownBy(() -> again.allocate(CHUNK)).isInstanceOf(QuotaExceeded.class);
            }
            other.freeAll(other.allocateAll(CHUNK, 2 * ALLOWED));
            greedy.free(first);
            greedy.allocate(CHUNK).close();
            greedy.freeAll(rest);
        }
        awaitNothingUsed();
    }

    private void awaitNothingUsed() {
        service.close();
        owner.close();
        await().atMost(Duration.ofSeconds(60)).until(() -> pool.auditedChunks() == 0);
    }
}
