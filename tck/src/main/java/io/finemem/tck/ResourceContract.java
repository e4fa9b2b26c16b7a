package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is closed is gone: 10,000 connections, and everything else, many times. */
abstract class ResourceContract extends Contract {
    private static final int CONNECTIONS = 10_000;
    private static final int ONE_IN = 10;

    private Footprint footprint() {
        return Footprint.take(fabric().underTest().openResources());
    }

    private void assertLeavesNothing(int rounds, Runnable work) {
        Footprint.assertLeavesNothing(rounds, work, patience().dividedBy(4), this::footprint);
    }

    /** 10,000 connections opened and closed, one in ten connected and used, leave nothing behind. */
    @Test
    void tenThousandConnectionsLeaveNothingBehind() {
        openAndClosePairs(CONNECTIONS / 20);
        assertLeavesNothing(CONNECTIONS, () -> openAndClosePairs(CONNECTIONS / 2));
        poster().writeWord(at(0), remote.rkey(), 1);
    }

    private void openAndClosePairs(int pairs) {
        for (int i = 0; i < pairs; i++) {
            if (i % ONE_IN == 0) {
                useAndClose(i % (2 * ONE_IN) == 0);
            } else {
                openAndClose();
            }
        }
    }

    private void openAndClose() {
        Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"));
        Connection right = fabric().servingDomain().newConnection(ConnectionOptions.of("left"));
        left.newChain(4);
        left.close();
        right.close();
    }

    private void useAndClose(boolean broken) {
        try (ConnectedPair pair = fabric().connect()) {
            Chain chain = pair.initiator().newChain(2);
            chain.writeWord(at(0), broken ? remote.rkey() ^ 0x0100 : remote.rkey(), 1);
            assertThat(pair.initiator().execute(chain, patience().toNanos()))
                    .isEqualTo(broken ? CompletionStatus.REMOTE_ACCESS_ERROR : CompletionStatus.SUCCESS);
        }
    }

    /** 1,000 regions allocated and closed leave nothing behind, and neither do windows. */
    @Test
    void regionsAndWindowsLeaveNothingBehind() {
        openAndCloseMemory(100);
        assertLeavesNothing(1000, () -> openAndCloseMemory(1000));
    }

    private void openAndCloseMemory(int rounds) {
        boolean windows = capabilities().memoryWindows();
        for (int i = 0; i < rounds; i++) {
            MemoryRegion region = fabric().newRemote(64 << 10);
            region.putWord(0, i);
            if (windows) {
                fabric().servingDomain().newWindow().close();
            }
            region.close();
        }
    }

    /** Memory that comes and goes does not use the device up: 16 times 64 MiB. */
    @Test
    void memoryThatWasClosedIsThereAgain() {
        for (int i = 0; i < 16; i++) {
            try (MemoryRegion region = fabric().newRemote(64 << 20)) {
                region.putWord((64 << 20) - 8, i);
                assertThat(region.getWord(0)).isZero();
            }
        }
    }

    /** A transport that is closed takes all that was made from it along; opened again, it works. */
    @Test
    void closingATransportClosesWhatWasMadeFromIt() {
        openAndCloseWithEverythingOpen();
        assertLeavesNothing(3, () -> {
            for (int round = 0; round < 3; round++) {
                openAndCloseWithEverythingOpen();
            }
        });
        poster().writeWord(at(0), remote.rkey(), 1);
    }

    private void openAndCloseWithEverythingOpen() {
        TransportUnderTest underTest = fabric().underTest();
        Transport transport = underTest.provider().open(Fabric.settings(underTest, underTest.servingSettings()));
        leaveEverythingOpen(transport);
        transport.close();
        transport.close();
        assertTyped(transport::newDomain);
    }

    private void leaveEverythingOpen(Transport transport) {
        ProtectionDomain domain = transport.newDomain();
        MemoryRegion region = domain.allocate(1 << 20, Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE));
        ConnectedPair pair = ConnectedPair.loopBack(domain);
        if (transport.capabilities().memoryWindows()) {
            MemoryWindow window = domain.newWindow();
            assertThat(window.rkey()).isZero();
        }
        new Poster(pair.initiator(), patience()).writeWord(region.address(), region.rkey(), 6);
        assertThat(region.getWord(0)).isEqualTo(6);
    }
}
