package io.finemem.runtime.soak;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The checks of a kill loop notice what is wrong, on a real pool with an owner that lies. */
class PoolChecksTest {
    private static final SoakOptions OPTIONS = SoakOptions.of(1, Isolation.DIRECT, 1);

    private final Transport transport = new ShmTransportProvider().open(TransportSettings.empty());
    private final MemoryNode node = MemoryNode.open(transport, MemoryNodeOptions.of("mn0", OPTIONS.poolBytes()));
    private final MemoryNodeControl control = node.newSession("checks");
    private final FineMemAllocator memory = FineMemAllocator.open(
            transport,
            List.of(node.newSession("owner0")),
            AllocatorOptions.defaults().withWorkers(1));
    private final RemoteBlock block = memory.allocate(64 * 1024);
    private final PoolChecks checks = new PoolChecks(control, OPTIONS, PoolChecksTest::atOnce);

    @AfterEach
    void close() {
        memory.close();
        control.close();
        node.close();
        transport.close();
    }

    /** Without patience: what is not so now counts as never. */
    private static void atOnce(String what, BooleanSupplier condition) {
        if (!condition.getAsBoolean()) {
            throw new OperationTimeout("waited in vain for " + what);
        }
    }

    private long address() {
        return block.handle().address();
    }

    private static OwnerProcess says(int owner, long... held) {
        OwnerProcess process = new OwnerProcess(null, owner, 1);
        String[] words = new String[held.length + 2];
        words[0] = "held";
        words[1] = Integer.toString(owner);
        for (int i = 0; i < held.length; i++) {
            words[i + 2] = Long.toString(held[i]);
        }
        process.said(words);
        return process;
    }

    @Test
    void truthPasses() {
        assertThatCode(() -> checks.requireEverythingAccountedFor(List.of(says(0, address(), 64 * 1024))))
                .doesNotThrowAnyException();
    }

    @Test
    void chunkThatNobodyHoldsIsLost() {
        assertThatThrownBy(() -> checks.requireEverythingAccountedFor(List.of(says(0))))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("chunks are lost, or in use twice");
    }

    @Test
    void chunkThatIsHeldAndFreeIsSeen() {
        assertThatThrownBy(() -> checks.requireEverythingAccountedFor(
                        List.of(says(0, address(), 64 * 1024, address() + (1 << 20), 4096))))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("chunks are lost, or in use twice");
    }

    @Test
    void blockOfTwoOwnersIsSeen() {
        assertThatThrownBy(() -> checks.requireEverythingAccountedFor(
                        List.of(says(0, address(), 64 * 1024), says(1, address(), 64 * 1024))))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("two owners hold the same block");
    }

    @Test
    void blocksThatOverlapAreSeen() {
        assertThatThrownBy(() -> checks.requireEverythingAccountedFor(
                        List.of(says(0, address(), 32 * 1024), says(1, address() + 16 * 1024, 32 * 1024))))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("two blocks overlap");
    }

    @Test
    void poolThatDoesNotGiveEveryChunkIsSeen() {
        long all = OPTIONS.poolBytes() / 4096;
        assertThatThrownBy(() -> checks.requireAll(all - 1)).hasMessageContaining("not every chunk");
        assertThatThrownBy(() -> checks.requireAll(all + 1)).hasMessageContaining("not every chunk");
    }
}
