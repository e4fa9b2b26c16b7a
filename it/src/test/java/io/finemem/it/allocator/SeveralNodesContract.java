package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.AllocationRequest;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.placement.PlacementSettings;
import io.finemem.spi.placement.Placements;
import io.finemem.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory nodes that join, drain, die and come back while owners work. */
abstract class SeveralNodesContract {
    private static final long BYTES = 4 * Pool.SECTION;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Transport transport;
    private Pool pool;
    private final List<MemoryNode> more = new ArrayList<>();

    abstract Transport open();

    @BeforeEach
    void openTransport() {
        transport = open();
        pool = new Pool(transport);
    }

    @AfterEach
    void close() {
        pool.close();
        more.forEach(MemoryNode::close);
        transport.close();
    }

    private static AllocatorOptions options() {
        return AllocatorOptions.defaults().withWorkers(2).withOperationTimeout(Duration.ofSeconds(5));
    }

    private MemoryNode node(String name, String... labels) {
        MemoryNode node = MemoryNode.open(
                transport,
                MemoryNodeOptions.of(name, BYTES)
                        .withIsolation(Isolation.DIRECT)
                        .withLabels(new TreeSet<>(Set.of(labels))));
        more.add(node);
        return node;
    }

    private FineMemAllocator owner(AllocatorOptions options, MemoryNode... nodes) {
        return pool.owner(
                options,
                Arrays.stream(nodes).map(node -> node.newSession("owner")).toList());
    }

    private static Set<String> nodesOf(List<RemoteBlock> blocks) {
        return blocks.stream().map(block -> block.handle().memoryNode()).collect(Collectors.toSet());
    }

    private static List<RemoteBlock> allocate(FineMemAllocator memory, int count) {
        return IntStream.range(0, count).mapToObj(i -> memory.allocate(4096)).toList();
    }

    private static NodeStatus status(FineMemAllocator memory, String name) {
        return memory.nodes().stream()
                .filter(node -> node.memoryNode().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitDraining(FineMemAllocator memory, String name, boolean draining) {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> status(memory, name).draining() == draining);
    }

    @Test
    void aNodeThatJoinsIsAllocatedOnByAllWorkersAndByThePump() throws Exception {
        FineMemAllocator memory = owner(options(), node("mn0"));
        RemoteBlock first = memory.allocateAsync(4096).toCompletableFuture().get(5, TimeUnit.SECONDS);
        MemoryNode second = node("mn1");

        memory.join(second.newSession("owner"));

        List<RemoteBlock> blocks = new ArrayList<>(allocate(memory, 4));
        assertThat(nodesOf(blocks)).containsExactlyInAnyOrder("mn0", "mn1");
        List<RemoteBlock> posted = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            posted.add(memory.allocateAsync(4096).toCompletableFuture().get(5, TimeUnit.SECONDS));
        }
        assertThat(nodesOf(posted)).containsExactlyInAnyOrder("mn0", "mn1");
        for (RemoteBlock block : blocks) {
            block.write(0, ByteBuffer.wrap(new byte[] {7}));
        }
        blocks.addAll(posted);
        blocks.add(first);
        for (RemoteBlock block : blocks) {
            memory.freeAsync(block).toCompletableFuture().get(5, TimeUnit.SECONDS);
        }
        assertThat(memory.audit()).hasSize(2).allMatch(report -> report.clean() && report.usedChunks() == 0);
        assertThatThrownBy(() -> memory.join(second.newSession("again")))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("in use already");
        assertThat(second.statistics().owners()).isEqualTo(1);
    }

    /** Threads that hold a few blocks each and exchange them all the time; fails with what one of them met. */
    private static final class Load implements AutoCloseable {
        private static final int HELD = 20;

        private final FineMemAllocator memory;
        private final List<CompletableFuture<Void>> threads = new ArrayList<>();
        private volatile boolean stop;
        private volatile long turns;

        Load(FineMemAllocator memory, int count) {
            this.memory = memory;
            for (int i = 0; i < count; i++) {
                byte mark = (byte) (i + 1);
                threads.add(CompletableFuture.runAsync(() -> work(mark)));
            }
        }

        private void work(byte mark) {
            List<RemoteBlock> held = new ArrayList<>();
            ByteBuffer seen = ByteBuffer.allocate(1);
            for (long turn = 0; !stop; turn++) {
                RemoteBlock block = memory.allocate(turn % 50 == 0 ? 256 * 1024 : 4096);
                block.write(0, ByteBuffer.wrap(new byte[] {mark}));
                held.add(block);
                if (held.size() > HELD) {
                    RemoteBlock oldest = held.remove(0);
                    oldest.read(0, seen.clear());
                    assertThat(seen.get(0)).isEqualTo(mark);
                    oldest.close();
                }
                turns = turn;
            }
            held.forEach(RemoteBlock::close);
        }

        void awaitTurns(long count) {
            long until = turns + count;
            await().atMost(LIMIT).until(() -> turns >= until || threads.stream().anyMatch(CompletableFuture::isDone));
        }

        @Override
        public void close() {
            stop = true;
            threads.forEach(CompletableFuture::join);
        }
    }

    @Test
    void aNodeDrainsToEmptyUnderLoadWithoutAnyFailureAndCanBeStoppedThen() {
        MemoryNode draining = node("mn0");
        MemoryNode other = node("mn1");
        FineMemAllocator memory = owner(options().withRunAhead(4), draining, other);
        try (Load load = new Load(memory, 3)) {
            load.awaitTurns(200);
            assertThat(draining.statistics().blocks()).isPositive();
            draining.drain(true);
            awaitDraining(memory, "mn0", true);
            await().atMost(LIMIT).until(() -> draining.statistics().empty());
            load.awaitTurns(200);
            assertThat(draining.statistics().empty()).as("still, under load").isTrue();
            try (var tool = draining.newSession("tool")) {
                tool.stop();
            }
            assertThat(draining.stopped().toCompletableFuture()).isCompleted();
            draining.drain(false);
            awaitDraining(memory, "mn0", false);
            await().atMost(LIMIT).until(() -> draining.statistics().usedBytes() > 0);
        }
        memory.close();
        assertThat(draining.audit().usedChunks() + other.audit().usedChunks()).isZero();
        assertThat(draining.audit().clean() && other.audit().clean()).isTrue();
    }

    @Test
    void aBlockOnADrainingNodeStaysUsableAndKeepsTheNodeFromBeingStopped() {
        MemoryNode node = node("mn0");
        FineMemAllocator memory = owner(options(), node);
        RemoteBlock block = memory.allocate(8192);
        try (var tool = node.newSession("tool")) {
            assertThatThrownBy(tool::stop).isInstanceOf(InvalidRequest.class).hasMessageContaining("not draining");
            NodeStatistics then = tool.drain(true);
            assertThat(then.usedBytes()).isEqualTo(8192);
            assertThat(then.blocks()).isEqualTo(1);
            awaitDraining(memory, "mn0", true);
            block.write(0, ByteBuffer.wrap(new byte[] {1}));
            assertThatThrownBy(() -> memory.allocate(1))
                    .isInstanceOf(OutOfRemoteMemory.class)
                    .hasMessageContaining("not draining");
            assertThatThrownBy(tool::stop).isInstanceOf(InvalidRequest.class).hasMessageContaining("still holds");
            block.close();
            assertThat(tool.statistics().empty()).isTrue();
            tool.stop();
            assertThat(node.stopped().toCompletableFuture()).isCompleted();
        }
    }

    @Test
    void aNodeIsNotStoppedBeforeEveryOwnerHasAnsweredThatItClaimsNothingAnyMore() throws Exception {
        MemoryNodeOptions quick = MemoryNodeOptions.of("mn0", BYTES).withLease(Duration.ofSeconds(2));
        MemoryNode node = MemoryNode.open(transport, quick.withIsolation(Isolation.DIRECT));
        more.add(node);
        MemoryNodeControl owner = node.newSession("an owner that lives, and is slow to settle");
        owner.register();
        AtomicBoolean settles = new AtomicBoolean();
        AtomicLong settled = new AtomicLong();
        ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
        try (var tool = node.newSession("tool")) {
            Runnable beat = () -> {
                HeartbeatReply reply = owner.heartbeat(settled.get());
                settled.set(settles.get() ? reply.settleRequested() : 0);
            };
            heart.scheduleWithFixedDelay(beat, 0, 20, TimeUnit.MILLISECONDS);
            tool.drain(true);

            assertThatThrownBy(tool::stop).isInstanceOf(OperationTimeout.class).hasMessageContaining("try again");
            assertThat(node.stopped().toCompletableFuture()).isNotDone();
            settles.set(true);
            tool.stop();
            assertThat(node.stopped().toCompletableFuture()).isCompleted();
        } finally {
            heart.shutdownNow();
            assertThat(heart.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theBlocksOfADeadNodeFailWithATypedErrorAndTheOthersServeOn() {
        MemoryNode dying = node("mn0");
        FineMemAllocator memory = owner(options(), dying, node("mn1"));
        List<RemoteBlock> blocks = allocate(memory, 4);
        dying.close();
        await().atMost(LIMIT).until(() -> !status(memory, "mn0").usable());

        List<RemoteBlock> onlyThere = allocate(memory, 4);
        assertThat(nodesOf(onlyThere)).containsExactly("mn1");
        for (RemoteBlock block : blocks) {
            if (block.handle().memoryNode().equals("mn0")) {
                assertThatThrownBy(() -> block.read(0, ByteBuffer.allocate(8))).isInstanceOf(FineMemException.class);
            } else {
                block.read(0, ByteBuffer.allocate(8));
                block.close();
            }
        }
        assertThat(memory.allocateAsync(4096)
                        .toCompletableFuture()
                        .join()
                        .handle()
                        .memoryNode())
                .as("the pump's first connection")
                .isEqualTo("mn1");
    }

    @Test
    void aNodeThatComesBackIsUsedAgainAndItsOldBlocksStayLost() {
        MemoryNode dying = node("mn0");
        FineMemAllocator memory = owner(options(), dying, node("mn1"));
        RemoteBlock lost = allocate(memory, 4).stream()
                .filter(block -> block.handle().memoryNode().equals("mn0"))
                .findFirst()
                .orElseThrow();
        dying.close();
        MemoryNode back = node("mn0");

        memory.join(back.newSession("owner"));

        assertThat(nodesOf(allocate(memory, 4))).containsExactlyInAnyOrder("mn0", "mn1");
        assertThat(memory.nodes()).hasSize(2).allMatch(NodeStatus::usable);
        assertThat(status(memory, "mn0").bootNonce()).isEqualTo(back.describe().bootNonce());
        assertThatThrownBy(() -> lost.read(0, ByteBuffer.allocate(8))).isInstanceOf(MemoryNodeLost.class);
        assertThatThrownBy(lost::close).isInstanceOf(MemoryNodeLost.class);
        assertThat(memory.audit()).hasSize(2).allMatch(report -> report.clean());
    }

    @Test
    void anAllocationWhileNoNodeIsLeftIsNotTooLongButMaySucceedLater() {
        MemoryNode dying = node("mn0");
        FineMemAllocator memory = owner(options(), dying);
        long most = memory.maxBlockBytes();
        dying.close();
        MemoryNode back = node("mn0");
        MemoryNodeControl taken = back.newSession("owner");
        taken.register();

        assertThatThrownBy(() -> memory.join(taken)).isInstanceOf(FineMemException.class);

        assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(OutOfRemoteMemory.class);
        assertThat(memory.maxBlockBytes()).isEqualTo(most);
        memory.join(back.newSession("owner"));
        memory.allocate(4096).close();
    }

    @Test
    void anOwnerThatWasFencedAtANodeUsesItAgainUnderANewId() {
        MemoryNode node = node("mn0");
        MemoryNodeControl first = node.newSession("owner");
        FineMemAllocator memory =
                pool.owner(options(), List.of(first, node("mn1").newSession("owner")));
        List<RemoteBlock> blocks = allocate(memory, 4);
        first.close(); // the node takes that for a death
        await().atMost(LIMIT)
                .until(() -> node.statistics().owners() == 0
                        && !status(memory, "mn0").usable());

        memory.join(node.newSession("owner"));

        assertThat(node.statistics().owners()).isEqualTo(1);
        assertThat(nodesOf(allocate(memory, 4))).containsExactlyInAnyOrder("mn0", "mn1");
        for (RemoteBlock block : blocks) {
            if (block.handle().memoryNode().equals("mn0")) {
                assertThatThrownBy(() -> block.read(0, ByteBuffer.allocate(8))).isInstanceOf(FineMemException.class);
            } else {
                block.read(0, ByteBuffer.allocate(8));
            }
        }
    }

    private static AllocatorOptions placed(String name, Map<String, String> settings) {
        PlacementProvider provider = Placements.discover().named("placement", name);
        return options().withPlacement(provider.open(PlacementSettings.of(name, settings)));
    }

    @Test
    void theLeastLoadedNodeGetsTheNextBlocks() {
        MemoryNode full = node("mn0");
        FineMemAllocator memory = owner(placed("least-loaded", Map.of()), full, node("mn1"));
        FineMemAllocator other = owner(options(), full);
        RemoteBlock half = other.allocate(2 * Pool.SECTION);
        await().atMost(LIMIT).until(() -> status(memory, "mn0").freeBytes() == BYTES - half.length());

        assertThat(nodesOf(allocate(memory, 20))).containsExactly("mn1");
        assertThat(memory.allocate(Pool.SECTION).handle().memoryNode()).isEqualTo("mn1");
        assertThat(memory.allocate(2 * Pool.SECTION).handle().memoryNode())
                .as("what this owner has claimed counts at once")
                .isEqualTo("mn1");
        assertThat(memory.allocate(Pool.SECTION).handle().memoryNode()).isEqualTo("mn0");
    }

    @Test
    void anAllocationGoesToANodeWithTheLabelItAsksForOrNowhere() {
        FineMemAllocator memory = owner(placed("label", Map.of()), node("mn0"), node("mn1", "fast"));
        AllocationRequest fast = AllocationRequest.of(4096).withLabel("fast");

        assertThat(nodesOf(allocate(memory, 4))).containsExactly("mn0");
        assertThat(memory.allocate(fast).handle().memoryNode()).isEqualTo("mn1");
        assertThatThrownBy(() -> memory.allocate(AllocationRequest.of(1).withLabel("slow")))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("labels=[fast]");
        AllocationRequest all = AllocationRequest.of(BYTES).withLabel("fast");
        assertThatThrownBy(() -> memory.allocate(all))
                .isInstanceOf(OutOfRemoteMemory.class)
                .hasMessageContaining("label=fast");
    }
}
