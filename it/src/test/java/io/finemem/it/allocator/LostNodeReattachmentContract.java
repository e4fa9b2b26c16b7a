package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.control.Isolation;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A memory node is restarted while the allocation service is down: applications go on with all that was not there. */
@Timeout(120)
abstract class LostNodeReattachmentContract {
    private static final int BYTES = 8192;
    private static final int EACH = 6;

    @TempDir
    Path directory;

    private Transport transport;
    private Pool pool;
    private RestartableService service;

    abstract Transport open();

    @BeforeEach
    void openService() {
        transport = open();
        pool = new Pool(transport, Isolation.DIRECT, Duration.ofSeconds(20), 4 * Pool.SECTION, 4 * Pool.SECTION);
        service = new RestartableService(
                directory,
                transport,
                AllocatorOptions.defaults().withWorkers(2).withRunAhead(4),
                options -> options.withQuotas(Quotas.each(new Quota(1 << 30, 4 * EACH))));
        service.start(pool.sessions());
    }

    @AfterEach
    void close() {
        service.close();
        pool.close();
        transport.close();
    }

    /** While the service is down. */
    private void restartNodes(int... lost) {
        service.suspend();
        for (int node : lost) {
            pool.restart(node);
        }
        service.start(pool.sessions());
    }

    private static List<RemoteBlock> take(ServiceMemory memory, String node, int count) {
        List<RemoteBlock> there = new ArrayList<>();
        List<RemoteBlock> others = new ArrayList<>();
        while (there.size() < count) {
            RemoteBlock block = memory.allocate(BYTES);
            (block.handle().memoryNode().equals(node) ? there : others).add(block);
            assertThat(others).hasSizeLessThan(2 * EACH);
        }
        memory.freeAll(others);
        return there;
    }

    private static void write(RemoteBlock block, long value) {
        block.write(0, ByteBuffer.allocate(BYTES).putLong(0, value).putLong(BYTES - 8, ~value));
    }

    private static void check(RemoteBlock block, long value) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        block.read(0, bytes);
        assertThat(bytes.getLong(0)).isEqualTo(value);
        assertThat(bytes.getLong(BYTES - 8)).isEqualTo(~value);
    }

    /** Until the application has its session again, its connection may tell that it has failed. */
    private static void awaitLost(RemoteBlock block) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> failureOf(block) instanceof MemoryNodeLost);
    }

    private static FineMemException failureOf(RemoteBlock block) {
        try {
            write(block, -1);
            throw new AssertionError("a lost block was written");
        } catch (ConnectionLost | MemoryNodeLost e) {
            return e;
        }
    }

    private static void assertLost(RemoteBlock block) throws Exception {
        assertThatThrownBy(() -> write(block, -1)).isInstanceOf(MemoryNodeLost.class);
        assertThatThrownBy(() -> check(block, -1)).isInstanceOf(MemoryNodeLost.class);
        assertThatThrownBy(() -> block.fetchAdd(0, 1)).isInstanceOf(MemoryNodeLost.class);
        CompletableFuture<Throwable> other = CompletableFuture.supplyAsync(() -> {
            try {
                check(block, -1);
                return null;
            } catch (MemoryNodeLost e) {
                return e;
            }
        });
        assertThat(other.get(10, TimeUnit.SECONDS)).isInstanceOf(MemoryNodeLost.class);
    }

    @Test
    void aSessionGoesOnWithWhatWasNotThereAndLearnsWhatIsLostAtItsNextUse() throws Exception {
        try (ServiceMemory memory = service.application("both");
                ServiceMemory luckier = service.application("luckier")) {
            List<RemoteBlock> kept = take(memory, "mn0", EACH);
            List<RemoteBlock> lost = take(memory, "mn1", EACH);
            RemoteBlock others = take(luckier, "mn0", 1).get(0);
            for (int i = 0; i < EACH; i++) {
                write(kept.get(i), i);
                write(lost.get(i), 100 + i);
            }
            write(others, 77);

            restartNodes(1);

            awaitLost(lost.get(0));
            for (int i = 0; i < EACH; i++) {
                check(kept.get(i), i);
                assertLost(lost.get(i));
            }
            check(others, 77);
            assertThat(memory.statistics().liveBlocks()).isEqualTo(2 * EACH);

            List<RemoteBlock> young = take(memory, "mn1", 3);
            young.forEach(block -> write(block, 9));
            for (RemoteBlock block : lost) {
                assertLost(block);
            }
            young.forEach(block -> check(block, 9));

            restartNodes(); // once more, with nothing lost this time

            check(kept.get(0), 0);
            young.forEach(block -> check(block, 9));
            assertLost(lost.get(0));
            assertGivenUp(memory, lost);
            memory.freeAll(kept);
            memory.freeAll(young);
            assertThat(memory.statistics().liveBlocks()).isZero();
        }
        service.awaitSessions(0);
        service.close();
        assertThat(pool.auditedChunks()).isZero();
    }

    private static void assertGivenUp(ServiceMemory memory, List<RemoteBlock> lost) {
        RemoteBlock first = lost.get(0);
        assertThatThrownBy(() -> memory.free(first)).isInstanceOf(MemoryNodeLost.class);
        assertThatThrownBy(() -> memory.free(first)).isInstanceOf(InvalidRequest.class);
        assertThatThrownBy(() -> memory.freeAll(lost.subList(1, lost.size()))).isInstanceOf(MemoryNodeLost.class);
        assertThatThrownBy(() -> memory.free(lost.get(1))).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void aBatchOfLostAndOtherBlocksFreesTheOthers() {
        try (ServiceMemory memory = service.application("batch")) {
            List<RemoteBlock> all = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                all.addAll(take(memory, "mn1", 2));
                all.addAll(take(memory, "mn0", 2));
            }
            restartNodes(1);
            assertThatThrownBy(() -> memory.freeAll(all)).isInstanceOf(MemoryNodeLost.class);
            assertThat(memory.statistics().liveBlocks()).isZero();
        }
    }

    @Test
    void lostBlocksCountForTheQuotaUntilTheyAreGivenUp() {
        try (ServiceMemory memory = service.application("quota")) {
            List<RemoteBlock> lost = take(memory, "mn1", EACH);
            while (memory.statistics().liveBlocks() < 4 * EACH) {
                memory.allocate(BYTES);
            }
            restartNodes(1);
            assertThatThrownBy(() -> memory.allocate(BYTES)).isInstanceOf(QuotaExceeded.class);
            assertThatThrownBy(() -> memory.freeAll(lost)).isInstanceOf(MemoryNodeLost.class);
            for (int i = 0; i < EACH; i++) {
                write(memory.allocate(BYTES), i);
            }
            assertThatThrownBy(() -> memory.allocate(BYTES)).isInstanceOf(QuotaExceeded.class);
        }
    }

    @Test
    void aSessionThatHasLostEverythingStillAllocates() throws Exception {
        try (ServiceMemory memory = service.application("all")) {
            List<RemoteBlock> lost = new ArrayList<>(take(memory, "mn0", 2));
            lost.addAll(take(memory, "mn1", 2));
            lost.forEach(block -> write(block, 5));
            restartNodes(0, 1);
            awaitLost(lost.get(0));
            for (RemoteBlock block : lost) {
                assertLost(block);
            }
            write(take(memory, "mn0", 1).get(0), 1);
            write(take(memory, "mn1", 1).get(0), 2);
            restartNodes(0, 1); // the numbers of nodes go on
            assertLost(lost.get(0));
            RemoteBlock young = take(memory, "mn0", 1).get(0);
            write(young, 3);
            check(young, 3);
        }
    }

    /** The node that came back and the one that it was before have different numbers, also after the service was restarted. */
    @Test
    void aNodeThatCameBackWhileTheServiceRanIsStillAnotherOneAfterARestart() throws Exception {
        try (ServiceMemory memory = service.application("before")) {
            RemoteBlock old = take(memory, "mn1", 1).get(0);
            RemoteBlock kept = take(memory, "mn0", 1).get(0);
            write(old, 1);
            write(kept, 2);
            pool.restart(1);
            service.join(pool.sessions().get(1));
            RemoteBlock young = take(memory, "mn1", 1).get(0);
            write(young, 3);

            restartNodes();

            check(kept, 2);
            check(young, 3);
            awaitLost(old);
            assertLost(old);
            check(young, 3);
            assertThatThrownBy(() -> memory.free(old)).isInstanceOf(MemoryNodeLost.class);
            memory.free(young);
            memory.free(kept);
        }
    }
}
