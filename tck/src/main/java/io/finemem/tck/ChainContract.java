package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input to chains is refused on the spot and leaves the chain, and the connection, as they were. */
abstract class ChainContract extends Contract {

    /** Elements are numbered from 0; the capacity is at least what was asked for. */
    @Test
    void elementsAreNumberedInTheOrderOfTheirAddition() {
        try (Chain chain = poster().connection().newChain(4)) {
            assertThat(chain.capacity()).isEqualTo(4);
            assertThat(chain.connection()).isSameAs(poster().connection());
            assertThat(chain.readWord(at(0), remote.rkey())).isZero();
            assertThat(chain.writeWord(at(0), remote.rkey(), 1)).isEqualTo(1);
            assertThat(chain.write(at(0), remote.rkey(), local, 0, 1)).isEqualTo(2);
            assertThat(chain.fetchAdd(at(0), remote.rkey(), 1)).isEqualTo(3);
            assertThat(chain.size()).isEqualTo(4);
        }
    }

    /** More elements than fit are refused; what is there stays and runs. */
    @Test
    void overflowIsRefused() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(2)) {
            chain.writeWord(at(0), remote.rkey(), 1);
            chain.writeWord(at(8), remote.rkey(), 2);
            assertInvalid(() -> chain.writeWord(at(16), remote.rkey(), 3));
            assertInvalid(() -> chain.read(at(16), remote.rkey(), local, 0, 8));
            assertInvalid(() -> chain.compareAndSwap(at(16), remote.rkey(), 0, 1));
            assertInvalid(() -> chain.fetchAdd(at(16), remote.rkey(), 1));
            assertThat(chain.size()).isEqualTo(2);
            assertThat(connection.execute(chain, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            assertThat(remote.getWord(0) + remote.getWord(8)).isEqualTo(3);
            assertThat(remote.getWord(16)).isZero();
        }
    }

    /** A chain has room for at least one element, and for no more than the connection has in flight. */
    @Test
    void impossibleCapacityIsRefused() {
        Connection connection = poster().connection();
        assertInvalid(() -> connection.newChain(0));
        assertInvalid(() -> connection.newChain(-1));
        assertInvalid(() -> connection.newChain(connection.options().maxElementsInFlight() + 1));
        assertInvalid(() -> connection.newChain(Integer.MAX_VALUE));
    }

    /** Words are aligned to 8 bytes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 7, 12})
    void unalignedWordIsRefused(int offset) {
        try (Chain chain = poster().connection().newChain(2)) {
            assertInvalid(() -> chain.readWord(at(offset), remote.rkey()));
            assertInvalid(() -> chain.writeWord(at(offset), remote.rkey(), 1));
            assertInvalid(() -> chain.compareAndSwap(at(offset), remote.rkey(), 0, 1));
            assertInvalid(() -> chain.fetchAdd(at(offset), remote.rkey(), 1));
            assertThat(chain.size()).isZero();
        }
    }

    /** A local range that leaves its region, is empty, or is negative is refused. */
    @ParameterizedTest
    @CsvSource({
        "-1,8",
        "65536,1",
        "65529,8",
        "0,65537",
        "0,0",
        "8,-8",
        "9223372036854775807,2",
        "2,9223372036854775807",
        "-9223372036854775808,8",
        "0,-9223372036854775808"
    })
    void impossibleLocalRangeIsRefused(long offset, long length) {
        try (Chain chain = poster().connection().newChain(2)) {
            assertInvalid(() -> chain.read(at(0), remote.rkey(), local, offset, length));
            assertInvalid(() -> chain.write(at(0), remote.rkey(), local, offset, length));
            assertThat(chain.size()).isZero();
        }
    }

    /** Local ranges come from the connection's domain. */
    @Test
    void localRegionOfAnotherDomainIsRefused() {
        try (ConnectedPair pair = fabric().connect();
                Chain chain = pair.initiator().newChain(2)) {
            assertInvalid(() -> chain.read(at(0), remote.rkey(), remote, 0, 8));
            assertInvalid(() -> chain.write(at(0), remote.rkey(), remote, 0, 8));
            assertThat(chain.size()).isZero();
        }
    }

    /** A closed region is no local range. */
    @Test
    void closedLocalRegionIsRefused() {
        MemoryRegion closed = fabric().newLocal(4096);
        closed.close();
        try (Chain chain = poster().connection().newChain(2)) {
            assertInvalid(() -> chain.read(at(0), remote.rkey(), closed, 0, 8));
            assertInvalid(() -> chain.write(at(0), remote.rkey(), closed, 0, 8));
            assertThat(chain.size()).isZero();
        }
    }

    /** An empty chain is not posted. */
    @Test
    void emptyChainIsRefused() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(1)) {
            assertInvalid(() -> connection.submit(chain));
            assertThat(connection.chainsInFlight()).isZero();
        }
    }

    /** A chain is posted on the connection that made it only. */
    @Test
    void foreignChainIsRefused() {
        try (ConnectedPair other = fabric().connect();
                Chain chain = other.initiator().newChain(1)) {
            chain.writeWord(at(0), remote.rkey(), 1);
            assertInvalid(() -> poster().connection().submit(chain));
            assertInvalid(() -> other.server().submit(chain));
            assertThat(remote.getWord(0)).isZero();
            assertThat(other.initiator().execute(chain, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
        }
    }

    /** While it is in flight a chain is neither cleared, nor filled, nor posted again, nor read. */
    @Test
    void chainInFlightIsLeftAlone() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(3)) {
            chain.fetchAdd(at(0), remote.rkey(), 1);
            connection.submit(chain);
            assertInvalid(chain::clear);
            assertInvalid(() -> chain.writeWord(at(8), remote.rkey(), 1));
            assertInvalid(() -> chain.read(at(8), remote.rkey(), local, 0, 8));
            assertInvalid(() -> connection.submit(chain));
            assertInvalid(() -> chain.word(0));
            assertThat(poster().awaitNext()).isSameAs(chain);
            assertThat(chain.word(0)).isZero();
            assertThat(remote.getWord(0)).isEqualTo(1);
            assertThat(connection.poll()).isNull();
        }
    }

    /** Results exist for word elements of a chain that succeeded. */
    @Test
    void resultThatDoesNotExistIsRefused() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(4)) {
            chain.readWord(at(0), remote.rkey());
            chain.writeWord(at(0), remote.rkey(), 1);
            chain.write(at(8), remote.rkey(), local, 0, 8);
            chain.read(at(8), remote.rkey(), local, 8, 8);
            assertInvalid(() -> chain.word(0));
            assertThat(connection.execute(chain, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            for (int element : new int[] {-1, 1, 2, 3, 4, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                assertInvalid(() -> chain.word(element));
            }
            chain.clear();
            assertInvalid(() -> chain.word(0));
        }
    }

    /** A closed chain is of no use, and closing it again does nothing. */
    @Test
    void closedChainIsRefused() {
        Connection connection = poster().connection();
        Chain chain = connection.newChain(1);
        chain.close();
        chain.close();
        assertTyped(() -> chain.writeWord(at(0), remote.rkey(), 1));
        assertTyped(() -> connection.submit(chain));
        poster().writeWord(at(0), remote.rkey(), 2);
    }

    /** A chain outlives many rounds of fill, post, clear with different elements. */
    @Test
    void chainIsFilledAgainWithOtherElements() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(3);
                MemoryRegion other = fabric().initiatingDomain().allocate(4096, Set.of())) {
            for (int round = 0; round < 30; round++) {
                chain.clear();
                for (int element = 0; element <= round % 3; element++) {
                    addVariant(chain, other, round + element);
                }
                assertThat(chain.size()).isEqualTo(round % 3 + 1);
                assertThat(connection.execute(chain, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            }
            assertThat(remote.getWord(0)).isEqualTo(15);
        }
    }

    private void addVariant(Chain chain, MemoryRegion other, int variant) {
        switch (variant % 4) {
            case 0 -> chain.fetchAdd(at(0), remote.rkey(), 1);
            case 1 -> chain.read(at(0), remote.rkey(), other, variant, 100);
            case 2 -> chain.writeWord(at(16), remote.rkey(), variant);
            default -> chain.write(at(128), remote.rkey(), local, variant, 1 + variant);
        }
    }
}
