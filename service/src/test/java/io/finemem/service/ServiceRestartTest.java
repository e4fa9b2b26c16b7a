package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.allocator.resume.ResumedBlock;
import io.finemem.api.InvalidRequest;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ServiceLost;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service that is stopped and started again, and its applications. */
@Timeout(120)
class ServiceRestartTest {
    @TempDir
    Path directory;

    private static void write(RemoteBlock block, long seed) {
        byte[] bytes = new byte[512];
        new Random(seed).nextBytes(bytes);
        block.write(0, ByteBuffer.wrap(bytes));
    }

    private static void check(RemoteBlock block, long seed) {
        byte[] wanted = new byte[512];
        new Random(seed).nextBytes(wanted);
        ByteBuffer found = ByteBuffer.allocate(512);
        block.read(0, found);
        assertThat(found.array()).isEqualTo(wanted);
    }

    @ParameterizedTest
    @EnumSource
    void anApplicationGoesOnWithItsBlocksAfterARestart(Isolation isolation) {
        try (RestartableNode node = new RestartableNode(directory, isolation, 16)) {
            node.start();
            try (ServiceMemory memory = node.client()) {
                List<RemoteBlock> blocks = new ArrayList<>(memory.allocateAll(4096, 100));
                blocks.add(memory.allocate(1 << 20));
                blocks.add(memory.allocate(5 << 20));
                for (int i = 0; i < blocks.size(); i++) {
                    write(blocks.get(i), i);
                }
                memory.free(blocks.remove(3));
                for (int round = 0; round < 2; round++) {
                    node.suspend();
                    check(blocks.get(0), 0);
                    assertThat(node.start().blocks()).hasSize(blocks.size());
                    memory.ping();
                    for (int i = 0; i < blocks.size(); i++) {
                        check(blocks.get(i), i < 3 ? i : i + 1);
                    }
                    RemoteBlock more = memory.allocate(4096);
                    write(more, 7);
                    check(more, 7);
                    memory.free(more);
                }
                assertThat(memory.statistics().liveBlocks()).isEqualTo(blocks.size());
                memory.freeAll(blocks);
                assertThat(memory.statistics().liveBlocks()).isZero();
            }
            node.awaitSessions(0);
            node.suspend();
            node.start();
            node.awaitUsedChunks(0);
        }
    }

    @Test
    void aStartThatFailsOnWhatIsWrittenDownLeavesNothingOpenAndTheNextOneGoesOn() {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            try (ServiceMemory memory = node.client()) {
                RemoteBlock block = memory.allocate(4096);
                write(block, 1);
                node.suspend();
                node.reporting(ServiceRestartTest::unreadable);
                assertThatThrownBy(node::start).hasMessage("unreadable");
                assertThat(node.socket()).doesNotExist();
                await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(
                                Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .noneMatch(name -> name.matches("finemem-(gate|courier|serving).*")));
                node.reporting(UnaryOperator.identity());
                assertThat(node.start().blocks()).hasSize(1);
                check(block, 1);
                memory.free(block);
            }
            node.awaitSessions(0);
            node.awaitUsedChunks(0);
        }
    }

    private static ResumeReport unreadable(ResumeReport report) {
        RemoteBlock broken = (RemoteBlock) Proxy.newProxyInstance(
                RemoteBlock.class.getClassLoader(), new Class<?>[] {RemoteBlock.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("unreadable");
                });
        List<ResumedBlock> blocks = report.blocks().stream()
                .map(block -> new ResumedBlock(block.identity(), broken))
                .toList();
        return new ResumeReport(report.nodes(), blocks, report.lost());
    }

    @Test
    void callsOfManyThreadsUnderWayDuringRestartsAreMadeOnce() throws Exception {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            AtomicBoolean stop = new AtomicBoolean();
            try (ServiceMemory memory = node.client()) {
                List<CompletableFuture<Long>> threads = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    long seed = i;
                    threads.add(CompletableFuture.supplyAsync(() -> churn(memory, seed, stop)));
                }
                for (int round = 0; round < 8; round++) {
                    TimeUnit.MILLISECONDS.sleep(50); // the load, not a condition
                    node.suspend();
                    node.start();
                }
                stop.set(true);
                long calls = 0;
                for (CompletableFuture<Long> thread : threads) {
                    calls += thread.get(60, TimeUnit.SECONDS);
                }
                assertThat(calls).isPositive();
                assertThat(memory.statistics().liveBlocks()).isZero();
            }
            node.awaitSessions(0);
            node.suspend();
            node.start();
            node.awaitUsedChunks(0);
        }
    }

    private static long churn(ServiceMemory memory, long seed, AtomicBoolean stop) {
        Random random = new Random(seed);
        List<RemoteBlock> held = new ArrayList<>();
        List<Long> patterns = new ArrayList<>();
        long calls = 0;
        for (; !stop.get(); calls++) {
            if (held.size() < 10 + random.nextInt(20)) {
                for (RemoteBlock block : memory.allocateAll(4096, 1 + random.nextInt(4))) {
                    long pattern = random.nextLong();
                    write(block, pattern);
                    held.add(block);
                    patterns.add(pattern);
                }
            } else {
                int victim = random.nextInt(held.size());
                check(held.get(victim), patterns.remove(victim));
                memory.free(held.remove(victim));
            }
        }
        for (int i = 0; i < held.size(); i++) {
            check(held.get(i), patterns.get(i));
        }
        memory.freeAll(held);
        return calls;
    }

    @Test
    void aSessionWhoseApplicationDoesNotComeBackIsGivenBackAfterTheGrace() {
        try (RestartableNode node =
                new RestartableNode(directory).with(options -> options.withReattachGrace(Duration.ofMillis(200)))) {
            node.start();
            ServiceMemory gone = node.client(options -> options.withReattachTimeout(Duration.ofMillis(1)));
            RemoteBlock block = gone.allocate(4096);
            node.suspend();
            assertThatThrownBy(() -> gone.allocate(4096))
                    .isInstanceOf(ServiceLost.class)
                    .hasMessageContaining("did not come back in time");
            node.start();
            assertThat(node.service().sessions()).isOne();
            node.awaitSessions(0);
            assertThatThrownBy(block::close).isInstanceOf(ServiceLost.class);
            gone.close();
            node.suspend();
            node.start();
            node.awaitUsedChunks(0);
        }
    }

    @Test
    void aQuotaCountsWhatWasHeldBeforeTheRestart() {
        try (RestartableNode node = new RestartableNode(directory)
                .with(options -> options.withQuotas(Quotas.each(new Quota(1 << 20, 3))))) {
            node.start();
            try (ServiceMemory memory = node.client()) {
                List<RemoteBlock> blocks = memory.allocateAll(4096, 3);
                node.suspend();
                node.start();
                assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(QuotaExceeded.class);
                memory.free(blocks.get(0));
                memory.allocate(4096);
                assertThatThrownBy(() -> memory.free(blocks.get(0))).isInstanceOf(InvalidRequest.class);
            }
        }
    }

    @Test
    void aSessionThatIsClosedWhileTheServiceIsAwayEndsAtOnce() {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            ServiceMemory memory = node.client();
            memory.allocate(4096);
            node.suspend();
            memory.close();
            assertThatThrownBy(() -> memory.allocate(1)).hasMessageContaining("closed");
        }
    }

    @Test
    void aServiceThatEndsItsSessionsLeavesNothingToResume() {
        try (RestartableNode node = new RestartableNode(directory)) {
            node.start();
            ServiceMemory memory = node.client();
            memory.allocate(4096);
            node.service().close();
            assertThatThrownBy(() -> memory.allocate(4096))
                    .isInstanceOf(ServiceLost.class)
                    .hasMessageContaining("stops");
        }
        try (io.finemem.service.journal.SessionJournal journal =
                io.finemem.service.journal.SessionJournal.open(directory.resolve("state"))) {
            assertThat(journal.tickets()).isEmpty();
            assertThat(journal.found()).isEmpty();
        }
    }
}
