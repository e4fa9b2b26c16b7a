package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Ground of the contracts of windows: a region that they may be bound to, and a loop-back connection to bind them. */
abstract class WindowGround extends Contract {
    static final Set<Access> BINDABLE =
            Set.of(Access.WINDOW_BIND, Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);
    static final int START = 8192;
    static final int LENGTH = 4096;

    MemoryRegion pool;
    ConnectedPair binding;

    @BeforeAll
    void prepareBinding() {
        Set<Access> access = capabilities().memoryWindows() ? BINDABLE : Fabric.REMOTE_ALL;
        pool = fabric().servingDomain().allocate(REGION_BYTES, access);
        binding = ConnectedPair.loopBack(fabric().servingDomain());
    }

    @BeforeEach
    void zeroPool() {
        pool.fill(0, REGION_BYTES, (byte) 0);
    }

    @AfterAll
    void closeBinding() {
        binding.close();
        pool.close();
    }

    final MemoryWindow newWindow() {
        Skip.unless(capabilities().memoryWindows(), "the transport declares no memory windows");
        return fabric().servingDomain().newWindow();
    }

    final void bind(MemoryWindow window, long offset, long length, Set<Access> access) {
        complete(chain -> chain.bind(window, pool, offset, length, access));
    }

    final void complete(Consumer<Chain> filling) {
        try (Chain chain = binding.initiator().newChain(8)) {
            filling.accept(chain);
            assertThat(binding.initiator().execute(chain, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
        }
    }

    final long inPool(long offset) {
        return pool.address() + offset;
    }
}
