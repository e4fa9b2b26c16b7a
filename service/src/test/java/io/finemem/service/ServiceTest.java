package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ServiceLost;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.ipc.Peer;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import io.finemem.service.server.ServiceOptions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class ServiceTest {
    @TempDir
    Path directory;

    private ComputeNode node(UnaryOperator<ServiceOptions> chosen) {
        return new ComputeNode(directory, Isolation.DIRECT, chosen);
    }

    @ParameterizedTest
    @EnumSource
    void bytesOfABlockAreWrittenAndReadDirectlyWhateverItsLength(Isolation isolation) {
        try (ComputeNode node = new ComputeNode(directory, isolation, UnaryOperator.identity());
                ServiceMemory memory = node.client()) {
            for (long length : new long[] {4096, 64 << 10, 128 << 10, 2 << 20, 6 << 20}) {
                try (RemoteBlock block = memory.allocate(length)) {
                    assertThat(block.length()).isEqualTo(length);
                    block.write(length - 8, ByteBuffer.allocate(8).putLong(0, length));
                    ByteBuffer read = ByteBuffer.allocate(8);
                    block.read(length - 8, read);
                    assertThat(read.getLong(0)).isEqualTo(length);
                    assertThat(block.fetchAdd(0, 3)).isZero();
                    assertThat(block.compareAndSwap(0, 3, 0)).isEqualTo(3);
                    block.write(length - 8, ByteBuffer.allocate(8));
                }
            }
            assertThat(memory.statistics().liveBlocks()).isZero();
            assertThat(memory.statistics().allocations()).isEqualTo(5);
            node.awaitRevocations();
            assertThat(node.usedChunks()).isZero();
        }
    }

    @Test
    void anApplicationThatClosesHoldsNothingWhenCloseReturns() {
        try (ComputeNode node = node(UnaryOperator.identity())) {
            ServiceMemory memory = node.client();
            RemoteBlock block = memory.allocate(4096);
            memory.allocate(1 << 20);
            assertThat(node.usedChunks()).isEqualTo(1 + 256);
            memory.close();
            assertThat(node.usedChunks()).isZero();
            assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(MemoryClosed.class);
            assertThatThrownBy(() -> block.read(0, ByteBuffer.allocate(8))).isInstanceOf(MemoryClosed.class);
            memory.close();
        }
    }

    @Test
    void failuresOfTheServiceAreTheExceptionsOfTheEmbeddedMemory() {
        try (ComputeNode node = node(UnaryOperator.identity());
                ServiceMemory memory = node.client();
                ServiceMemory other = node.client()) {
            assertThatThrownBy(() -> memory.allocate(0)).isInstanceOf(InvalidRequest.class);
            assertThatThrownBy(() -> memory.allocate(memory.maxBlockBytes() + 1))
                    .isInstanceOf(InvalidRequest.class);
            RemoteBlock all = memory.allocate(memory.maxBlockBytes());
            assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(OutOfRemoteMemory.class);
            assertThatThrownBy(() -> other.free(all)).isInstanceOf(InvalidRequest.class);
            memory.free(all);
            assertThatThrownBy(() -> memory.free(all)).isInstanceOf(InvalidRequest.class);
            assertThat(memory.statistics().failedAllocations()).isEqualTo(1);
        }
    }

    @Test
    void aUserGetsNoMoreThanItsQuotaWhateverItsApplicationsCallThemselvesAndAFreeMakesRoom() {
        Quotas quotas = new Quotas(new Quota(8192, 10), Map.of("many", new Quota(1 << 20, 2)), Map.of());
        try (ComputeNode node = node(options -> options.withQuotas(quotas));
                ServiceMemory memory = node.client();
                ServiceMemory again = node.client(ServiceClientOptions.at(node.socket(), "another"));
                ServiceMemory many = node.client(ServiceClientOptions.at(node.socket(), "many"))) {
            RemoteBlock first = memory.allocate(4096);
            again.allocate(1);
            assertThatThrownBy(() -> memory.allocate(4096))
                    .isInstanceOf(QuotaExceeded.class)
                    .hasMessageContaining("the quota of uid " + Peer.ownUid())
                    .hasMessageContaining("quotaBytes=8192");
            memory.free(first);
            memory.allocate(4096);
            many.allocate(4096);
            many.allocate(4096);
            assertThatThrownBy(() -> many.allocate(4096))
                    .isInstanceOf(QuotaExceeded.class)
                    .hasMessageContaining("application 'many'")
                    .hasMessageContaining("quotaBlocks=2");
            assertThat(node.usedChunks()).isEqualTo(4);
        }
    }

    @Test
    void theQuotaOfAUserIsInPlaceOfThatOfEachAndHoldsForItsNamedApplicationsToo() {
        Quotas quotas = new Quotas(
                new Quota(4096, 1),
                Map.of("many", new Quota(1 << 20, 2)),
                Map.of(Peer.ownUid(), new Quota(1 << 20, 3)));
        try (ComputeNode node = node(options -> options.withQuotas(quotas));
                ServiceMemory memory = node.client();
                ServiceMemory many = node.client(ServiceClientOptions.at(node.socket(), "many"))) {
            memory.allocate(4096);
            RemoteBlock second = memory.allocate(4096);
            many.allocate(4096);
            assertThatThrownBy(() -> many.allocate(4096))
                    .isInstanceOf(QuotaExceeded.class)
                    .hasMessageContaining("the quota of uid " + Peer.ownUid())
                    .hasMessageContaining("quotaBlocks=3");
            memory.free(second);
            many.allocate(4096);
            assertThatThrownBy(() -> many.allocate(4096)).hasMessageContaining("application 'many'");
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyBlocksAreTakenAndFreedAllOrNone(Isolation isolation) {
        try (ComputeNode node = new ComputeNode(directory, isolation, UnaryOperator.identity());
                ServiceMemory memory = node.client()) {
            List<RemoteBlock> blocks = memory.allocateAll(4096, 200);
            assertThat(blocks.stream().map(RemoteBlock::toString))
                    .doesNotHaveDuplicates()
                    .hasSize(200);
            for (int i = 0; i < blocks.size(); i++) {
                blocks.get(i).write(0, ByteBuffer.allocate(8).putLong(0, i));
            }
            for (int i = 0; i < blocks.size(); i++) {
                ByteBuffer read = ByteBuffer.allocate(8);
                blocks.get(i).read(0, read);
                assertThat(read.getLong(0)).isEqualTo(i);
            }
            assertThat(node.usedChunks()).isEqualTo(200);
            assertThatThrownBy(() -> memory.allocateAll(1 << 20, 100)).isInstanceOf(OutOfRemoteMemory.class);
            node.awaitRevocations();
            assertThat(node.usedChunks()).isEqualTo(200);
            memory.free(blocks.get(77));
            assertThatThrownBy(() -> memory.freeAll(blocks)).isInstanceOf(InvalidRequest.class);
            assertThat(memory.statistics().liveBlocks()).isEqualTo(199);
            memory.freeAll(
                    blocks.stream().filter(block -> block != blocks.get(77)).toList());
            List<RemoteBlock> long6 = memory.allocateAll(3 << 20, 2);
            long6.forEach(
                    block -> assertThat(block.fetchAdd(block.length() - 8, 0)).isNotNull());
            memory.freeAll(long6);
            assertThat(memory.allocateAll(4096, 0)).isEmpty();
            assertThat(memory.statistics().liveBlocks()).isZero();
            node.awaitRevocations();
            assertThat(node.usedChunks()).isZero();
        }
    }

    @Test
    void aBatchIsOneRequestForTheOwner() {
        List<Integer> batches = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (ComputeNode node = new ComputeNode(
                        directory,
                        Isolation.DIRECT,
                        UnaryOperator.identity(),
                        owner -> new CountingMemory(owner, batches));
                ServiceMemory memory = node.client()) {
            memory.freeAll(memory.allocateAll(4096, 100));
            assertThat(batches).containsExactly(64, 36, -64, -36);
        }
    }

    @Test
    void aBatchBeyondTheQuotaTakesNothing() {
        Quotas quotas = Quotas.each(new Quota(1 << 20, 100));
        try (ComputeNode node = node(options -> options.withQuotas(quotas));
                ServiceMemory memory = node.client()) {
            assertThatThrownBy(() -> memory.allocateAll(4096, 101)).isInstanceOf(QuotaExceeded.class);
            assertThat(node.usedChunks()).isZero();
            assertThat(memory.allocateAll(4096, 100)).hasSize(100);
        }
    }

    @Test
    void moreThreadsThanMailboxesShareThem() throws Exception {
        try (ComputeNode node = node(options -> options.withThreads(2, List.of()));
                ServiceMemory memory = node.client(
                        ServiceClientOptions.at(node.socket(), "crowd").withThreads(2))) {
            inThreads(6, () -> churn(memory, 300));
            assertThat(memory.statistics().liveBlocks()).isZero();
            assertThat(memory.statistics().frees()).isEqualTo(6 * 300);
            assertThat(node.usedChunks()).isZero();
        }
    }

    /**
     * One thread, so that nobody else's bell hides a lost one: it would last until the time limit. A side that does not spin goes to
     * sleep just when the other, which does, acts next.
     */
    @ParameterizedTest
    @CsvSource({"0, 1000000", "1000000, 0", "0, 0", "2000, 2000"})
    void noWakeUpIsLostWhereOneSideFallsAsleepWhileTheOtherActs(long serviceSpin, long clientSpin) {
        try (ComputeNode node = node(options -> options.withSpin(Duration.ofNanos(serviceSpin)));
                ServiceMemory memory = node.client(ServiceClientOptions.at(node.socket(), "sleepy")
                        .withThreads(1)
                        .withSpin(Duration.ofNanos(clientSpin)))) {
            for (int i = 0; i < 50_000; i++) {
                memory.ping();
            }
            assertThat(memory.statistics().failedAllocations()).isZero();
        }
    }

    @Test
    void aServiceThatClosesEndsClientsByATypedErrorAndTakesTheirBlocksBack() throws Exception {
        try (ComputeNode node = node(UnaryOperator.identity());
                ServiceMemory memory = node.client()) {
            RemoteBlock block = memory.allocate(4096);
            ExecutorService threads = Executors.newFixedThreadPool(3);
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                running.add(threads.submit(() -> churn(memory, Integer.MAX_VALUE)));
            }
            node.service().close();
            for (Future<Integer> each : running) {
                assertThatThrownBy(() -> each.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(ServiceLost.class);
            }
            threads.shutdown();
            assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(ServiceLost.class);
            assertThatThrownBy(() -> block.write(0, ByteBuffer.allocate(8))).isInstanceOf(ServiceLost.class);
            assertThat(node.usedChunks()).isZero();
        }
    }

    @Test
    void oneMoreApplicationThanAllowedIsRefusedAndAnEndMakesRoom() {
        try (ComputeNode node = node(options -> options.withApplications(1))) {
            try (ServiceMemory memory = node.client()) {
                memory.ping();
                assertThatThrownBy(node::client)
                        .isInstanceOf(OutOfLocalResources.class)
                        .hasMessageContaining("applications=1");
            }
            node.awaitSessions(0);
            node.client().close();
        }
    }

    @Test
    void aServiceOfAUserThatIsNotTrustedIsNotUsed() {
        try (ComputeNode node = node(UnaryOperator.identity())) {
            ServiceClientOptions options =
                    ServiceClientOptions.at(node.socket(), "careful").withServiceUids(Set.of(4711));
            assertThatThrownBy(() -> node.client(options))
                    .isInstanceOf(io.finemem.api.AuthenticationFailed.class)
                    .hasMessageContaining("not trusted");
        }
    }

    @Test
    void theSocketIsForItsUserAloneAndGoneWithTheService() throws Exception {
        Path socket = ComputeNode.socket(directory);
        try (ComputeNode node = node(UnaryOperator.identity())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(node.socket())))
                    .isEqualTo("rw-------");
            assertThatThrownBy(node::secondService)
                    .isInstanceOf(InvalidConfiguration.class)
                    .hasMessageContaining("another allocation service");
            assertThat(socket).exists();
        }
        assertThat(socket).doesNotExist();
        assertThatThrownBy(() -> {
                    try (var transport = ComputeNode.transport(directory)) {
                        ServiceMemory.open(transport, ServiceClientOptions.at(socket, "late"));
                    }
                })
                .isInstanceOf(ServiceLost.class)
                .hasMessageContaining("no allocation service answers");
    }

    @Test
    void aDirectoryWhereOthersCouldReplaceTheSocketIsRefused() throws Exception {
        Path run = Files.createDirectory(directory.resolve("run"));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> node(UnaryOperator.identity()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("mode=777");
    }

    private static int churn(ServiceMemory memory, int rounds) {
        for (int i = 0; i < rounds; i++) {
            try (RemoteBlock block = memory.allocate(4096)) {
                block.fetchAdd(0, 1);
            }
        }
        return rounds;
    }

    private static void inThreads(int count, Callable<Integer> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        List<Future<Integer>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            running.add(threads.submit(work));
        }
        for (Future<Integer> each : running) {
            each.get(100, TimeUnit.SECONDS);
        }
        threads.shutdown();
    }
}
