package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.AsyncOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection fails at every chain of a small life in turn: nothing may be lost, stuck or given twice. */
class ShmFaultSweepTest {
    private static final long POOL = 4 * Pool.SECTION;
    private static final AllocatorOptions OPTIONS = new AllocatorOptions(
            1, Duration.ofSeconds(5), ContentionThresholds.DEFAULT, 0, 0, AsyncOptions.DEFAULT, DataOptions.defaults());

    Isolation isolation() {
        return Isolation.DIRECT;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void wholePoolIsUsableAgainWhereverAConnectionFailed(boolean afterExecution) {
        sweep(OPTIONS, afterExecution);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void soItIsForAnOwnerThatClaimsAheadAndKeepsFreedBlocks(boolean afterExecution) {
        sweep(OPTIONS.withRunAhead(3), afterExecution);
    }

    private void sweep(AllocatorOptions options, boolean afterExecution) {
        try (Transport real = new ShmTransportProvider().open(TransportSettings.empty())) {
            int chains = life(real, options, -1, afterExecution);
            assertThat(chains).isGreaterThan(20);
            for (int failing = 0; failing < chains; failing++) {
                life(real, options, failing, afterExecution);
            }
        }
    }

    /** Returns the chains that it took. */
    private int life(Transport real, AllocatorOptions options, int failing, boolean afterExecution) {
        FaultyTransport faulty = new FaultyTransport(real);
        try (Pool pool = new Pool(real, isolation(), Duration.ofSeconds(3), POOL);
                FineMemAllocator memory =
                        FineMemAllocator.open(faulty.transport(), List.copyOf(pool.sessions()), options)) {
            faulty.failAt(failing, afterExecution);
            int before = faulty.chains();
            List<RemoteBlock> blocks = new ArrayList<>();
            for (long chunks : new long[] {1, 16, 2, 64, 512, 1024, 33}) {
                allocateIfThereIsRoom(memory, chunks * 4096, blocks);
            }
            blocks.forEach(RemoteBlock::close);
            blocks.clear();
            for (long chunks : new long[] {1, 4, 64, 600, 1}) {
                allocateAllIfThereIsRoom(memory, chunks * 4096, 33, blocks);
                allocateAllIfThereIsRoom(memory, chunks * 4096, 2, blocks);
            }
            memory.freeAll(blocks);
            blocks.clear();
            allocateIfThereIsRoom(memory, 4096, blocks);
            allocateIfThereIsRoom(memory, POOL, blocks);
            blocks.forEach(RemoteBlock::close);
            int chains = faulty.chains() - before;

            String where = "chain " + failing + " afterExecution " + afterExecution;
            await(where)
                    .atMost(Duration.ofSeconds(5))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> canHoldAll(memory));
            assertThat(pool.auditedChunks()).as(where).isZero();
            assertThat(memory.statistics().liveBlocks()).as(where).isZero();
            return chains;
        }
    }

    private static boolean canHoldAll(FineMemAllocator memory) {
        List<RemoteBlock> all = new ArrayList<>();
        allocateIfThereIsRoom(memory, POOL, all);
        all.forEach(RemoteBlock::close);
        return !all.isEmpty();
    }

    private static void allocateAllIfThereIsRoom(
            FineMemAllocator memory, long bytes, int count, List<RemoteBlock> blocks) {
        try {
            blocks.addAll(memory.allocateAll(bytes, count));
        } catch (OutOfRemoteMemory full) {
            assertThat(full).hasMessageContaining("bytes=" + bytes);
        }
    }

    private static void allocateIfThereIsRoom(FineMemAllocator memory, long bytes, List<RemoteBlock> blocks) {
        try {
            blocks.add(memory.allocate(bytes));
        } catch (OutOfRemoteMemory full) {
            assertThat(full).hasMessageContaining("bytes=" + bytes);
        }
    }
}
