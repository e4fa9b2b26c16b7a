package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Memory nodes of a test on one transport, and owners on them. */
final class Pool implements AutoCloseable {
    static final long SECTION = 2L << 20;

    private final Transport transport;
    private final Transport transportOfNodes;
    private final UnaryOperator<MemoryNodeOptions> chosen;
    private final long[] nodeBytes;
    private final List<MemoryNode> nodes = new ArrayList<>();
    private final List<FineMemAllocator> owners = new ArrayList<>();

    Pool(Transport transport, long... nodeBytes) {
        this(transport, Duration.ofSeconds(10), nodeBytes);
    }

    Pool(Transport transport, Duration lease, long... nodeBytes) {
        this(transport, Isolation.DIRECT, lease, nodeBytes);
    }

    Pool(Transport transport, Isolation isolation, Duration lease, long... nodeBytes) {
        this(transport, options -> options.withIsolation(isolation).withLease(lease), nodeBytes);
    }

    Pool(Transport transport, UnaryOperator<MemoryNodeOptions> chosen, long... nodeBytes) {
        this(transport, transport, chosen, nodeBytes);
    }

    /** Memory nodes and owners use the same device in different ways. */
    Pool(Transport ofNodes, Transport ofOwners, UnaryOperator<MemoryNodeOptions> chosen, long... nodeBytes) {
        this.transport = ofOwners;
        this.transportOfNodes = ofNodes;
        this.chosen = chosen;
        this.nodeBytes = nodeBytes;
        for (long bytes : nodeBytes) {
            MemoryNodeOptions options = MemoryNodeOptions.of("mn" + nodes.size(), bytes);
            nodes.add(MemoryNode.open(ofNodes, chosen.apply(options)));
        }
    }

    MemoryNode node(int index) {
        return nodes.get(index);
    }

    /** A memory node stops, and starts again with nothing. */
    void restart(int index) {
        nodes.get(index).close();
        MemoryNodeOptions options = MemoryNodeOptions.of("mn" + index, nodeBytes[index]);
        nodes.set(index, MemoryNode.open(transportOfNodes, chosen.apply(options)));
    }

    FineMemAllocator owner() {
        return owner(AllocatorOptions.defaults().withWorkers(1));
    }

    FineMemAllocator owner(AllocatorOptions options) {
        return owner(options, sessions());
    }

    FineMemAllocator owner(AllocatorOptions options, List<? extends MemoryNodeControl> sessions) {
        FineMemAllocator owner = FineMemAllocator.open(transport, List.copyOf(sessions), options);
        owners.add(owner);
        return owner;
    }

    /** A session with each memory node that can be broken. */
    List<FragileSession> sessions() {
        return nodes.stream()
                .map(node -> new FragileSession(node.newSession("owner " + owners.size())))
                .toList();
    }

    /** Waits until the memory nodes have recovered all owners but these many. */
    void awaitOwners(int count) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> nodes.stream().allMatch(node -> node.audit().owners() == count));
    }

    /** Waits until everything is revoked whose revocation was asked for, and known to be. */
    void awaitRevocations() {
        await().atMost(Duration.ofSeconds(10))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> nodes.stream()
                        .allMatch(node -> node.revocations().pending() == 0
                                && node.revocations().failures() == 0));
    }

    /** Chunks in use once all freed blocks are revoked, all explained, no invariant broken. */
    long auditedChunks() {
        awaitRevocations();
        long used = 0;
        for (MemoryNode node : nodes) {
            AuditReport report = node.audit();
            assertThat(report.violations()).isEmpty();
            assertThat(report.explainedChunks()).isEqualTo(report.usedChunks());
            used += report.usedChunks();
        }
        return used;
    }

    /** No two of these blocks of one memory node share a byte. */
    static void assertDisjoint(List<RemoteBlock> blocks, long seed) {
        TreeMap<Long, BlockHandle> byAddress = new TreeMap<>();
        for (RemoteBlock block : blocks) {
            byAddress.put(block.handle().address(), block.handle());
        }
        assertThat(byAddress).hasSameSizeAs(blocks);
        long end = 0;
        for (BlockHandle handle : byAddress.values()) {
            assertThat(handle.address()).as("seed %d", seed).isGreaterThanOrEqualTo(end);
            end = handle.address() + handle.length();
        }
    }

    @Override
    public void close() {
        owners.forEach(FineMemAllocator::close);
        nodes.forEach(MemoryNode::close);
    }
}
