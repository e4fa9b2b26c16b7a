package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How a connection is made, and what is refused on the way. */
abstract class ConnectionContract extends Contract {
    private static final int MOST_DESCRIPTOR_BYTES = 512;

    /** CREATED, CONNECTED, CLOSED. */
    @Test
    void stateFollowsTheLifeOfAConnection() {
        Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"));
        Connection right = fabric().servingDomain().newConnection(ConnectionOptions.of("left"));
        assertThat(left.state()).isEqualTo(ConnectionState.CREATED);
        right.connect(left.descriptor());
        left.connect(right.descriptor());
        assertThat(left.state()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(right.state()).isEqualTo(ConnectionState.CONNECTED);
        right.close();
        left.close();
        assertThat(left.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(right.state()).isEqualTo(ConnectionState.CLOSED);
    }

    /** The side that connects first waits for nobody; either order works. */
    @Test
    void eitherSideMayConnectFirst() {
        try (Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"));
                Connection right = fabric().servingDomain().newConnection(ConnectionOptions.of("left"))) {
            left.connect(right.descriptor());
            right.connect(left.descriptor());
            new Poster(left, patience()).writeWord(at(0), remote.rkey(), 5);
            assertThat(remote.getWord(0)).isEqualTo(5);
        }
    }

    /** A descriptor is short and always the same; its array belongs to the caller. */
    @Test
    void descriptorIsShortAndStable() {
        try (Connection connection = fabric().initiatingDomain().newConnection(ConnectionOptions.of("peer"))) {
            byte[] first = connection.descriptor();
            assertThat(first.length).isBetween(1, MOST_DESCRIPTOR_BYTES);
            byte[] copy = first.clone();
            Arrays.fill(first, (byte) 0);
            assertThat(connection.descriptor()).isEqualTo(copy);
        }
    }

    /** The options that come back have the peer's name and at least the room that was asked for. */
    @Test
    void optionsTellTheRoomThatThereIs() {
        ConnectionOptions options = ConnectionOptions.of("peer-7").withMaxElementsInFlight(100);
        try (Connection connection = fabric().initiatingDomain().newConnection(options)) {
            assertThat(connection.options().peerName()).isEqualTo("peer-7");
            assertThat(connection.options().maxElementsInFlight())
                    .isBetween(100, capabilities().maxElementsInFlight());
            assertThat(connection.options().servedAccess()).isEqualTo(options.servedAccess());
        }
    }

    /** More room than the device has is refused. */
    @Test
    void moreElementsInFlightThanTheDeviceHasAreRefused() {
        int most = capabilities().maxElementsInFlight();
        Skip.unless(most < Integer.MAX_VALUE, "there is no bound for elements in flight");
        ConnectionOptions options = ConnectionOptions.of("peer").withMaxElementsInFlight(most + 1);
        assertTyped(() -> fabric().initiatingDomain().newConnection(options));
    }

    /**
     * A truncated, extended, empty or random descriptor is a protocol violation, and the end can still be connected.
     */
    @Test
    void malformedDescriptorIsRefused() {
        long seed = System.nanoTime();
        System.out.println("TCK malformedDescriptorIsRefused seed=" + seed);
        Random random = new Random(seed);
        try (Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"));
                Connection right = fabric().servingDomain().newConnection(ConnectionOptions.of("left"))) {
            byte[] good = right.descriptor();
            for (int length = 0; length < good.length; length++) {
                assertMalformed(left, Arrays.copyOf(good, length));
            }
            assertMalformed(left, Arrays.copyOf(good, good.length + 1));
            assertMalformed(left, new byte[good.length]);
            assertMalformed(left, new byte[1 << 16]);
            assertMalformed(left, "of-another-transport".repeat(10).getBytes(StandardCharsets.US_ASCII));
            for (int round = 0; round < 50; round++) {
                byte[] noise = new byte[round % 5 == 0 ? good.length : random.nextInt(MOST_DESCRIPTOR_BYTES)];
                random.nextBytes(noise);
                assertMalformed(left, noise);
            }
            right.connect(left.descriptor());
            left.connect(good);
            new Poster(left, patience()).writeWord(at(0), remote.rkey(), 5);
        }
    }

    private static void assertMalformed(Connection connection, byte[] descriptor) {
        assertThatThrownBy(() -> connection.connect(descriptor))
                .as("%d bytes: %s", descriptor.length, Arrays.toString(Arrays.copyOf(descriptor, 40)))
                .isInstanceOf(ProtocolViolation.class);
        assertThat(connection.state()).isEqualTo(ConnectionState.CREATED);
    }

    /** A descriptor with one wrong byte either is refused or fails later; it harms nobody. */
    @Test
    void descriptorWithOneWrongByteHarmsNobody() {
        byte[] good;
        try (Connection gone = fabric().servingDomain().newConnection(ConnectionOptions.of("left"))) {
            good = gone.descriptor();
        }
        for (int position = 0; position < good.length; position += 3) {
            byte[] wrong = good.clone();
            wrong[position] ^= 0x41;
            try (Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"))) {
                left.connect(wrong);
            } catch (FineMemException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        poster().writeWord(at(0), remote.rkey(), 1);
    }

    /** Domains are used by any thread: connections and regions made and closed by 8 threads at once all work. */
    @Test
    void connectionsAreMadeByManyThreadsAtOnce() {
        Crew.run(8, patience(), member -> {
            for (int i = 0; i < 10; i++) {
                try (MemoryRegion region = fabric().newRemote(4096);
                        ConnectedPair pair = fabric().connect()) {
                    fabric().poster(pair).writeWord(region.address() + 8L * member, region.rkey(), i + 1);
                    assertThat(region.getWord(8L * member)).isEqualTo(i + 1);
                }
            }
        });
    }

    /** An end is connected once. */
    @Test
    void connectingTwiceIsRefused() {
        try (ConnectedPair pair = fabric().connect()) {
            byte[] descriptor = pair.server().descriptor();
            assertInvalid(() -> pair.initiator().connect(descriptor));
            fabric().poster(pair).writeWord(at(0), remote.rkey(), 1);
        }
    }

    /** A closed end is not connected. */
    @Test
    void connectingAClosedEndIsRefused() {
        Connection closed = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"));
        closed.close();
        try (Connection right = fabric().servingDomain().newConnection(ConnectionOptions.of("left"))) {
            byte[] descriptor = right.descriptor();
            assertInvalid(() -> closed.connect(descriptor));
        }
    }

    /** R10: a peer's end that is gone is noticed when connecting or by the first chain, never by waiting for ever. */
    @Test
    void connectingToAnEndThatIsGoneFails() {
        byte[] gone;
        try (Connection right = fabric().servingDomain().newConnection(ConnectionOptions.of("left"))) {
            gone = right.descriptor();
        }
        try (Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"))) {
            assertThat(firstOutcome(left, gone)).isNotEqualTo(CompletionStatus.SUCCESS);
        }
        assertThat(remote.getWord(0)).isZero();
    }

    private CompletionStatus firstOutcome(Connection connection, byte[] peerDescriptor) {
        try {
            connection.connect(peerDescriptor);
        } catch (ConnectionLost e) {
            return CompletionStatus.PEER_UNREACHABLE;
        }
        return new Poster(connection, patience()).post(chain -> chain.writeWord(at(0), remote.rkey(), 1));
    }

    /** Nothing is posted before the connection is made. */
    @Test
    void postingBeforeConnectingIsRefused() {
        try (Connection left = fabric().initiatingDomain().newConnection(ConnectionOptions.of("right"));
                Chain chain = left.newChain(1)) {
            chain.writeWord(at(0), remote.rkey(), 1);
            assertThatThrownBy(() -> left.submit(chain)).isInstanceOf(ConnectionLost.class);
            assertThat(left.chainsInFlight()).isZero();
            assertThat(left.poll()).isNull();
        }
    }

    /** Nothing is posted after the connection was closed; its chains are of no use. */
    @Test
    void postingOnAClosedConnectionIsRefused() {
        ConnectedPair pair = fabric().connect();
        Chain chain = pair.initiator().newChain(1);
        chain.writeWord(at(0), remote.rkey(), 1);
        pair.close();
        assertTyped(() -> pair.initiator().submit(chain));
        assertTyped(() -> pair.initiator().newChain(1));
        pair.close();
        chain.close();
        assertThat(remote.getWord(0)).isZero();
    }

    /** R7: the serving end may allow its peer less than the region does. */
    @Test
    void connectionThatServesReadsOnlyRefusesTheRest() {
        ConnectionOptions readOnly = ConnectionOptions.of("reader").withServedAccess(Set.of(Access.REMOTE_READ));
        remote.putWord(0, 11);
        for (int kind = 0; kind < 3; kind++) {
            int operation = kind;
            try (ConnectedPair pair = ConnectedPair.connect(
                    fabric().initiatingDomain(), ConnectionOptions.of("server"), fabric().servingDomain(), readOnly)) {
                assertThat(fabric().poster(pair).readWord(at(0), remote.rkey())).isEqualTo(11);
                assertRefused(pair.initiator(), chain -> {
                    switch (operation) {
                        case 0 -> chain.writeWord(at(0), remote.rkey(), 12);
                        case 1 -> chain.compareAndSwap(at(0), remote.rkey(), 11, 12);
                        default -> chain.fetchAdd(at(0), remote.rkey(), 1);
                    }
                });
            }
        }
        assertThat(remote.getWord(0)).isEqualTo(11);
    }

    /** R7: what the initiator's end allows its peer has no bearing on what the initiator may do. */
    @Test
    void initiatorThatServesNothingStillInitiates() {
        ConnectionOptions nothing = ConnectionOptions.of("server").withServedAccess(Set.of());
        try (ConnectedPair pair = fabric().connect(nothing)) {
            Poster poster = fabric().poster(pair);
            poster.writeWord(at(0), remote.rkey(), 3);
            assertThat(poster.fetchAdd(at(0), remote.rkey(), 1)).isEqualTo(3);
            assertRefused(pair.server(), chain -> chain.readWord(local.address(), remote.rkey()));
        }
    }
}
