package io.finemem.it.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.spi.transport.Transport;
import java.util.ArrayList;
import java.util.List;

/** Memory nodes of a test on one transport, and owners on them. */
final class Pool implements AutoCloseable {
    static final long SECTION = 2L << 20;

    private final Transport transport;
    private final List<MemoryNode> nodes = new ArrayList<>();
    private final List<FineMemAllocator> owners = new ArrayList<>();

    Pool(Transport transport, long... nodeBytes) {
        this.transport = transport;
        for (long bytes : nodeBytes) {
            nodes.add(MemoryNode.open(transport, MemoryNodeOptions.of("mn" + nodes.size(), bytes)));
        }
    }

    MemoryNode node(int index) {
        return nodes.get(index);
    }

    FineMemAllocator owner() {
        return owner(AllocatorOptions.defaults().withWorkers(1));
    }

    FineMemAllocator owner(AllocatorOptions options) {
        List<MemoryNodeControl> sessions = nodes.stream()
                .map(node -> node.newSession("owner " + owners.size()))
                .toList();
        FineMemAllocator owner = FineMemAllocator.open(transport, sessions, options);
        owners.add(owner);
        return owner;
    }

    /** Chunks in use, all explained, no invariant broken. */
    long auditedChunks() {
        long used = 0;
        for (MemoryNode node : nodes) {
            AuditReport report = node.audit();
            assertThat(report.violations()).isEmpty();
            assertThat(report.explainedChunks()).isEqualTo(report.usedChunks());
            used += report.usedChunks();
        }
        return used;
    }

    @Override
    public void close() {
        owners.forEach(FineMemAllocator::close);
        nodes.forEach(MemoryNode::close);
    }
}
