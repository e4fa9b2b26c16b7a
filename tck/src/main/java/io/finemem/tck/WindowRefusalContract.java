package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input to windows is refused, by the chain at once or by the device, and leaves the window as it was. */
abstract class WindowRefusalContract extends WindowGround {
    /** A range that is empty or leaves the region, or rights that no window has, are refused; the window works on. */
    @ParameterizedTest
    @CsvSource({"-1,8", "65536,1", "65535,2", "0,65537", "0,0", "0,-1", "9223372036854775807,2"})
    void impossibleBindIsRefused(long offset, long length) {
        try (MemoryWindow window = newWindow()) {
            assertBindRefused(window, pool, offset, length, Fabric.REMOTE_ALL);
            assertBindRefused(window, pool, 0, 8, BINDABLE);
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            poster().writeWord(inPool(START), window.rkey(), 1);
        }
    }

    /** A region without the right to bind, one of another domain, and a closed one are refused. */
    @Test
    void regionThatCannotBeBoundIsRefused() {
        MemoryRegion closed = fabric().newRemote(4096);
        closed.close();
        try (MemoryWindow window = newWindow();
                ProtectionDomain other = fabric().serving().newDomain();
                MemoryRegion foreign = other.allocate(4096, BINDABLE)) {
            assertBindRefused(window, remote, 0, 8, Fabric.REMOTE_ALL);
            assertBindRefused(window, foreign, 0, 8, Fabric.REMOTE_ALL);
            assertBindRefused(window, closed, 0, 8, Fabric.REMOTE_ALL);
            bind(window, START, LENGTH, Fabric.REMOTE_ALL);
            poster().writeWord(inPool(START), window.rkey(), 1);
        }
    }

    /** A closed window, and one of another domain, are refused. */
    @Test
    void windowThatCannotBeBoundIsRefused() {
        MemoryWindow closed = newWindow();
        closed.close();
        assertBindRefused(closed, pool, 0, 8, Fabric.REMOTE_ALL);
        try (ProtectionDomain other = fabric().serving().newDomain();
                MemoryWindow foreign = other.newWindow()) {
            assertBindRefused(foreign, pool, 0, 8, Fabric.REMOTE_ALL);
        }
    }

    private void assertBindRefused(MemoryWindow window, MemoryRegion region, long at, long length, Set<Access> access) {
        try (ConnectedPair own = ConnectedPair.loopBack(fabric().servingDomain());
                Chain chain = own.initiator().newChain(1)) {
            try {
                chain.bind(window, region, at, length, access);
            } catch (InvalidRequest e) {
                assertThat(chain.size()).isZero();
                return;
            }
            assertThat(own.initiator().execute(chain, patience().toNanos()))
                    .isIn(CompletionStatus.WINDOW_BIND_ERROR, CompletionStatus.LOCAL_ERROR);
        }
    }

    /** A region is not closed while windows are bound to it. */
    @Test
    void regionWithBoundWindowsIsNotClosed() {
        MemoryWindow window = newWindow();
        MemoryRegion region = fabric().servingDomain().allocate(4096, BINDABLE);
        complete(chain -> chain.bind(window, region, 0, 4096, Fabric.REMOTE_ALL));
        assertInvalid(region::close);
        poster().writeWord(region.address(), window.rkey(), 1);
        assertThat(region.getWord(0)).isEqualTo(1);
        complete(chain -> chain.invalidate(window));
        region.close();
        window.close();
    }
}
