package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An owner that confirms its blocks while the objects that hold them move from node to node. */
@Timeout(120)
class ShmReusableSettlementTest {
    private static final int CHUNK = 4096;
    private static final int KILLS = 10;

    @ParameterizedTest
    @CsvSource({"DIRECT,0", "DIRECT,4", "STRICT,0"})
    void blocksOfReusedObjectsAreConfirmedWhereTheyAreNow(Isolation isolation, int runAhead) throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
                Pool pool = new Pool(transport, isolation, Duration.ofSeconds(2), Pool.SECTION, Pool.SECTION)) {
            FineMemAllocator survivor =
                    pool.owner(AllocatorOptions.defaults().withWorkers(3).withRunAhead(runAhead));
            List<Future<Long>> churns = new ArrayList<>();
            for (long seed = 1; seed <= 2; seed++) {
                Random random = new Random(seed);
                churns.add(threads.submit(() -> churn(survivor, random, end)));
            }
            for (int kill = 0; kill < KILLS; kill++) {
                List<FragileSession> sessions = pool.sessions();
                FineMemAllocator doomed = pool.owner(AllocatorOptions.defaults().withWorkers(1), sessions);
                for (int i = 0; i < 300; i++) {
                    doomed.allocate(CHUNK).close();
                }
                doomed.allocateAll(CHUNK, 20);
                sessions.forEach(FragileSession::kill);
                pool.awaitOwners(1);
            }
            end.set(true);
            for (Future<Long> churn : churns) {
                assertThat(churn.get(30, TimeUnit.SECONDS)).isPositive();
            }
            survivor.close();
            assertThat(pool.auditedChunks()).isZero();
        } finally {
            end.set(true);
            threads.shutdownNow();
        }
    }

    /** Each block says where it is for as long as it is held. */
    private static long churn(RemoteMemory memory, Random random, AtomicBoolean end) {
        List<ReusableBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            blocks.add(memory.newReusableBlock());
        }
        long allocations = 0;
        while (!end.get()) {
            ReusableBlock block = blocks.get(random.nextInt(blocks.size()));
            if (block.holdsBlock()) {
                assertThat(block.fetchAdd(0, 0)).isEqualTo(block.handle().address());
                memory.free(block);
            } else {
                memory.allocateInto(block, (long) CHUNK << random.nextInt(3));
                block.fetchAdd(0, block.handle().address() - block.fetchAdd(0, 0));
                allocations++;
            }
        }
        for (ReusableBlock block : blocks) {
            block.close();
        }
        return allocations;
    }
}
