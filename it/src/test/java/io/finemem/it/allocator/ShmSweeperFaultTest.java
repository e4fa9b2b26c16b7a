package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory node's own chains fail while it revokes: nothing is lost, nothing is given back twice, and it goes on. */
class ShmSweeperFaultTest {
    private static final int CHUNK = 4096;

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
    private final FaultyNode faults = new FaultyNode(transport);
    private Pool pool;
    private FineMemAllocator memory;
    private FineMemAllocator other;

    @BeforeEach
    void open() {
        pool = new Pool(
                faults.transport(),
                transport,
                options -> options.withIsolation(Isolation.STRICT).withLease(Duration.ofSeconds(2)),
                8 * Pool.SECTION);
        memory = pool.owner();
        other = pool.owner();
    }

    @AfterEach
    void close() {
        faults.recover();
        pool.close();
        transport.close();
    }

    /** Chain 0 binds windows, the next clears units, and so on. */
    @ParameterizedTest
    @CsvSource({"0,1,false", "0,1,true", "1,1,false", "1,1,true", "1,3,true", "2,1,false", "3,2,true", "0,4,false"})
    void batchThatFailedIsNeitherLostNorRepeated(int after, int count, boolean executed) {
        List<RemoteBlock> held = new ArrayList<>();
        List<RemoteBlock> freed = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            freed.add(memory.allocate(CHUNK << i % 6));
            held.add(other.allocate(CHUNK << i % 3));
        }
        faults.failAt(after, count, executed);
        freed.forEach(RemoteBlock::close);
        for (int i = 0; i < 40; i++) {
            held.add(other.allocate(CHUNK)); // takes what is given back
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        faults.failures() >= count && pool.node(0).revocations().pending() == 0);
        assertThat(pool.auditedChunks())
                .isEqualTo(held.stream().mapToLong(RemoteBlock::length).sum() / CHUNK);
        held.forEach(RemoteBlock::close);
        assertThat(pool.auditedChunks()).isZero();
        memory.allocate(8 * Pool.SECTION).close();
    }

    @Test
    void whoFindsNoRoomWaitsForASweeperThatFailsOnceAndNotAtEveryCall() {
        FaultyTransport counted = new FaultyTransport(transport);
        AllocatorOptions options =
                AllocatorOptions.defaults().withWorkers(1).withOperationTimeout(Duration.ofSeconds(1));
        try (FineMemAllocator late =
                FineMemAllocator.open(counted.transport(), List.copyOf(pool.sessions()), options)) {
            RemoteBlock all = memory.allocate(8 * Pool.SECTION);
            faults.failAt(0, Integer.MAX_VALUE / 2, false);
            all.close();
            assertThatThrownBy(() -> late.allocate(CHUNK)).isInstanceOf(OutOfRemoteMemory.class);

            int before = counted.chains();
            assertThatThrownBy(() -> late.allocate(CHUNK)).isInstanceOf(OutOfRemoteMemory.class);
            assertThat(counted.chains() - before)
                    .as("chains of a call that does not wait")
                    .isLessThan(20);

            faults.recover();
            assertThat(pool.auditedChunks()).isZero();
            late.allocate(CHUNK).close();
        }
    }

    @Test
    void sweeperThatGoesOnFailingIsReportedUntilItSucceeds() {
        MemoryNode node = pool.node(0);
        RemoteBlock block = memory.allocate(CHUNK);
        faults.failAt(0, Integer.MAX_VALUE / 2, false);
        block.close();

        await().atMost(Duration.ofSeconds(20)).until(() -> node.revocations().failures() >= 5);
        assertThat(node.revocations().failure()).contains("memory windows could not be bound");
        assertThat(node.audit().violations()).singleElement().asString().contains("could not be revoked");
        assertThat(node.inspect().usedChunks()).isEqualTo(1);

        faults.recover();
        assertThat(pool.auditedChunks()).isZero();
        assertThat(node.revocations().failures()).isZero();
    }
}
