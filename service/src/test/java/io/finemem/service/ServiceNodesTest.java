package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.FineMemException;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import io.finemem.spi.transport.ConnectionLost;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory nodes that join a service, and are lost, while applications work. */
@Timeout(60)
class ServiceNodesTest {
    @TempDir
    private Path directory = Path.of(".");

    private static List<RemoteBlock> on(String node, ServiceMemory memory) {
        return IntStream.range(0, 8)
                .mapToObj(i -> memory.allocate(64 * 1024))
                .filter(block -> block.handle().memoryNode().equals(node))
                .toList();
    }

    private static void requireBytes(RemoteBlock block, int value) {
        block.write(block.length() - 1, ByteBuffer.wrap(new byte[] {(byte) value}));
        ByteBuffer seen = ByteBuffer.allocate(1);
        block.read(block.length() - 1, seen);
        assertThat(seen.get(0)).isEqualTo((byte) value);
    }

    @Test
    void anApplicationUsesANodeThatJoinedAfterItHadConnected() {
        try (ComputeNode machine = new ComputeNode(directory)) {
            try (ServiceMemory early = machine.client()) {
                requireBytes(on("mn0", early).get(0), 1);
                machine.join("mn1");

                List<RemoteBlock> there = on("mn1", early);
                assertThat(there).isNotEmpty();
                there.forEach(block -> requireBytes(block, 2));
                try (ServiceMemory late = machine.client()) {
                    assertThat(late.describe()).contains("mn0, mn1");
                    requireBytes(on("mn1", late).get(0), 3);
                }
            }
            machine.awaitSessions(0);
            assertThat(machine.usedChunks()).isZero();
        }
    }

    @Test
    void aNodeThatCameBackIsAnotherOneToApplications() {
        try (ComputeNode machine = new ComputeNode(directory);
                ServiceMemory memory = machine.client()) {
            MemoryNode dying = machine.join("mn1");
            RemoteBlock old = on("mn1", memory).get(0);
            requireBytes(old, 1);
            dying.close();
            machine.join("mn1");

            RemoteBlock young = on("mn1", memory).get(0);
            requireBytes(young, 2);
            assertThatThrownBy(() -> requireBytes(old, 3)).isInstanceOf(FineMemException.class);
            requireBytes(young, 4);
            requireBytes(on("mn0", memory).get(0), 5);
        }
    }

    @Test
    void aDataConnectionThatFailedFailsOneOperationAndIsReplaced() {
        try (ComputeNode machine = new ComputeNode(directory);
                ServiceMemory memory = machine.client()) {
            RemoteBlock block = memory.allocate(4096);
            requireBytes(block, 1);
            for (int cut = 0; cut < 3; cut++) {
                machine.breakConnections();

                assertThatThrownBy(() -> requireBytes(block, 2)).isInstanceOf(ConnectionLost.class);
                requireBytes(block, 3);
            }
            memory.free(block);
        }
    }

    @Test
    void blocksOfALostNodeCountForNoQuotaOnceTheApplicationHasGivenThemUp() {
        Quotas quotas = Quotas.each(new Quota(1 << 20, 10));
        try (ComputeNode machine = new ComputeNode(directory, Isolation.DIRECT, options -> options.withQuotas(quotas));
                ServiceMemory memory = machine.client()) {
            MemoryNode dying = machine.join("mn1");
            List<RemoteBlock> blocks =
                    IntStream.range(0, 10).mapToObj(i -> memory.allocate(4096)).toList();
            assertThat(on(blocks, "mn1")).hasSizeGreaterThan(2);
            dying.close();
            machine.awaitLost("mn1");
            assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(QuotaExceeded.class);

            List<RemoteBlock> lost = on(blocks, "mn1");
            assertThatThrownBy(() -> memory.free(lost.get(0))).isInstanceOf(FineMemException.class);
            assertThatThrownBy(() -> memory.freeAll(lost.subList(1, lost.size())))
                    .isInstanceOf(FineMemException.class);

            lost.forEach(block -> requireBytes(memory.allocate(4096), 1));
        }
    }

    private static List<RemoteBlock> on(List<RemoteBlock> blocks, String node) {
        return blocks.stream()
                .filter(block -> block.handle().memoryNode().equals(node))
                .toList();
    }
}
