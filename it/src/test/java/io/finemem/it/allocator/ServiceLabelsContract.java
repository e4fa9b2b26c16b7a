package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.AllocationRequest;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.LabelRules;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application of a service asks for a memory node by label, and gets what an owner by itself would get. */
@Timeout(60)
abstract class ServiceLabelsContract {
    private static final long BYTES = 2 * Pool.SECTION;
    private static final AllocationRequest FAST = AllocationRequest.of(4096).withLabel("fast");
    private static final AllocationRequest SLOW = AllocationRequest.of(4096).withLabel("slow");

    @TempDir
    Path directory;

    private Transport transport;
    private final List<MemoryNode> nodes = new ArrayList<>();
    private FineMemAllocator owner;
    private AllocationService service;
    private ServiceMemory application;

    abstract Transport open();

    @BeforeEach
    void openNodes() {
        transport = open();
        node("mn0");
        node("mn1", "fast", "ssd");
        node("mn2", "slow");
        owner = FineMemAllocator.open(
                transport,
                nodes.stream().map(node -> node.newSession("service")).toList(),
                AllocatorOptions.defaults().withWorkers(2).withRunAhead(4));
    }

    private void node(String name, String... labels) {
        nodes.add(MemoryNode.open(
                transport,
                MemoryNodeOptions.of(name, BYTES)
                        .withIsolation(Isolation.DIRECT)
                        .withLabels(new TreeSet<>(Set.of(labels)))));
    }

    private ServiceMemory serve(LabelRules rules) {
        Path socket = directory.resolve("service");
        service = AllocationService.open(ServiceOptions.at(socket).withLabels(rules), owner, owner::controls);
        application = ServiceMemory.open(transport, ServiceClientOptions.at(socket, "labels"));
        return application;
    }

    @AfterEach
    void close() {
        if (application != null) {
            application.close();
            service.close();
        }
        owner.close();
        nodes.forEach(node -> assertThat(node.audit().usedChunks()).isZero());
        nodes.forEach(MemoryNode::close);
        transport.close();
    }

    private static String node(RemoteBlock block) {
        return block.handle().memoryNode();
    }

    @Test
    void everyBlockIsOnANodeWithTheLabelThatWasAskedFor() {
        ServiceMemory memory = serve(LabelRules.ANY);
        ReusableBlock reused = memory.newReusableBlock();
        for (int i = 0; i < 8; i++) {
            try (RemoteBlock fast = memory.allocate(FAST);
                    RemoteBlock slow = memory.allocate(SLOW);
                    RemoteBlock ssd =
                            memory.allocate(AllocationRequest.of(200_000).withLabel("ssd"))) {
                assertThat(node(fast)).isEqualTo("mn1");
                assertThat(node(slow)).isEqualTo("mn2");
                assertThat(node(ssd)).isEqualTo("mn1");
                assertThat(fast.fetchAdd(0, 1) + slow.fetchAdd(0, 1)).isNotNegative();
            }
            memory.allocateInto(reused, i % 2 == 0 ? FAST : SLOW);
            assertThat(node(reused)).isEqualTo(i % 2 == 0 ? "mn1" : "mn2");
            memory.free(reused);
        }
        try (RemoteBlock anywhere = memory.allocate(AllocationRequest.of(4096))) {
            assertThat(anywhere.length()).isEqualTo(4096);
        }
        assertThat(memory.statistics().liveBlocks()).isZero();
    }

    @Test
    void whatIsRefusedIsRefusedWithTheErrorOfAnOwner() {
        ServiceMemory memory = serve(LabelRules.ANY);
        assertSame(memory, AllocationRequest.of(4096).withLabel("none"), InvalidRequest.class);
        assertSame(memory, AllocationRequest.of(0).withLabel("fast"), InvalidRequest.class);
        assertSame(memory, AllocationRequest.of(4096).withLabel("\u00fcber \ud83d\ude80"), InvalidRequest.class);
        assertSame(memory, AllocationRequest.of(BYTES).withLabel("slow"), null);
        try (RemoteBlock all = memory.allocate(AllocationRequest.of(BYTES).withLabel("slow"))) {
            assertThat(node(all)).isEqualTo("mn2");
            assertSame(memory, AllocationRequest.of(BYTES).withLabel("slow"), OutOfRemoteMemory.class);
        }
        assertThatThrownBy(() -> memory.allocate(AllocationRequest.of(1).withLabel("x".repeat(513))))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("a label has 1 to 512 bytes");
        assertThat(memory.statistics().liveBlocks()).isZero();
    }

    /** Through the service as by the owner itself: the same block length, or the same exception with the same text. */
    private void assertSame(
            RemoteMemory memory, AllocationRequest request, Class<? extends FineMemException> expected) {
        FineMemException direct = failure(owner, request);
        FineMemException served = failure(memory, request);
        if (expected == null) {
            assertThat(direct).isNull();
            assertThat(served).isNull();
            return;
        }
        assertThat(served).isExactlyInstanceOf(expected).hasMessage(direct.getMessage());
        assertThat(direct).isExactlyInstanceOf(expected);
    }

    private static FineMemException failure(RemoteMemory memory, AllocationRequest request) {
        try (RemoteBlock block = memory.allocate(request)) {
            assertThat(block.length()).isGreaterThanOrEqualTo(request.bytes());
            return null;
        } catch (FineMemException e) {
            return e;
        }
    }

    @Test
    void theOperatorSaysWhichLabelsMayBeAskedFor() {
        ServiceMemory memory = serve(LabelRules.only(Set.of("fast")));
        for (int i = 0; i < 2; i++) {
            try (RemoteBlock block = memory.allocate(FAST)) {
                assertThat(node(block)).isEqualTo("mn1");
            }
            assertThatThrownBy(() -> memory.allocate(SLOW))
                    .isInstanceOf(InvalidRequest.class)
                    .hasMessageContaining("finemem.service.labels")
                    .hasMessageContaining("label=slow")
                    .hasMessageContaining("allowed=[fast]");
        }
    }
}
