package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R6: what an error does to its connection, and to no other. */
abstract class ErrorContract extends Contract {

    private static Chain newRefusedChain(Connection connection, long address, int wrongKey) {
        Chain chain = connection.newChain(1);
        chain.writeWord(address, wrongKey, 1);
        return chain;
    }

    private int wrongKey() {
        return remote.rkey() ^ 0x0100;
    }

    /** R6: after an error the connection is in ERROR and refuses new chains. */
    @Test
    void connectionInErrorRefusesNewChains() {
        try (ConnectedPair pair = fabric().connect()) {
            Connection connection = pair.initiator();
            Chain later = connection.newChain(1);
            later.writeWord(at(0), remote.rkey(), 1);
            assertRefused(connection, chain -> chain.readWord(at(0), wrongKey()));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> connection.submit(later)).isInstanceOf(ConnectionLost.class);
                assertThat(connection.poll()).isNull();
            }
            assertThat(connection.chainsInFlight()).isZero();
            assertThat(connection.state()).isEqualTo(ConnectionState.ERROR);
            assertThat(remote.getWord(0)).isZero();
        }
    }

    /** R6: chains in flight behind the one that failed end FLUSHED, in order, each once. */
    @Test
    void chainsInFlightBehindAnErrorAreFlushed() {
        try (ConnectedPair pair = fabric().connect()) {
            Connection connection = pair.initiator();
            List<Chain> chains = new ArrayList<>();
            chains.add(connection.newChain(1));
            chains.get(0).writeWord(at(0), remote.rkey(), 1);
            chains.add(newRefusedChain(connection, at(8), wrongKey()));
            for (int i = 0; i < 4; i++) {
                Chain behind = connection.newChain(1);
                behind.writeWord(at(16), remote.rkey(), 1);
                chains.add(behind);
            }
            List<Chain> submitted = submitAsFarAsAccepted(connection, chains);
            for (int i = 0; i < submitted.size(); i++) {
                Chain done = Poster.awaitNext(connection, patience());
                assertThat(done).isSameAs(submitted.get(i));
                assertThat(done.status()).isEqualTo(expectedStatus(i));
            }
            assertThat(connection.poll()).isNull();
            assertThat(remote.getWord(0)).isEqualTo(1);
            assertThat(remote.getWord(8)).isZero();
        }
    }

    private static CompletionStatus expectedStatus(int chain) {
        return switch (chain) {
            case 0 -> CompletionStatus.SUCCESS;
            case 1 -> CompletionStatus.REMOTE_ACCESS_ERROR;
            default -> CompletionStatus.FLUSHED;
        };
    }

    /** The error may be noticed while chains are still being posted: those behind are refused then. */
    private static List<Chain> submitAsFarAsAccepted(Connection connection, List<Chain> chains) {
        List<Chain> submitted = new ArrayList<>();
        try {
            for (Chain chain : chains) {
                connection.submit(chain);
                submitted.add(chain);
            }
        } catch (ConnectionLost e) {
            assertThat(submitted).hasSizeGreaterThanOrEqualTo(2);
        }
        return submitted;
    }

    /** R6: the element that failed is named, or none is; never another one. */
    @Test
    void failedElementIsNamedOrUnknown() {
        try (ConnectedPair pair = fabric().connect();
                Chain chain = pair.initiator().newChain(4)) {
            chain.writeWord(at(0), remote.rkey(), 1);
            chain.fetchAdd(at(0), remote.rkey(), 1);
            chain.writeWord(at(8), wrongKey(), 1);
            chain.writeWord(at(16), remote.rkey(), 1);
            assertThat(pair.initiator().execute(chain, patience().toNanos()))
                    .isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
            assertThat(chain.failedElement()).isIn(-1, 2);
            assertInvalid(() -> chain.word(1));
            assertThat(remote.getWord(8)).isZero();
        }
    }

    /** R6: other connections of the same domains do not notice. */
    @Test
    void otherConnectionsAreNotAffected() {
        Poster before = poster();
        before.writeWord(at(0), remote.rkey(), 1);
        for (int i = 0; i < 5; i++) {
            assertRefused(chain -> chain.fetchAdd(at(0), wrongKey(), 1));
            assertThat(before.fetchAdd(at(0), remote.rkey(), 1)).isEqualTo(1L + i);
        }
        assertThat(before.connection().state()).isEqualTo(ConnectionState.CONNECTED);
    }

    /** R6: a new connection between the same domains is the recovery; regions and rkeys stay. */
    @Test
    void newConnectionRecovers() {
        for (int i = 0; i < 5; i++) {
            try (ConnectedPair pair = fabric().connect()) {
                assertThat(fabric().poster(pair).fetchAdd(at(0), remote.rkey(), 1))
                        .isEqualTo(i);
                assertRefused(pair.initiator(), chain -> chain.readWord(at(0), wrongKey()));
            }
        }
        assertThat(remote.getWord(0)).isEqualTo(5);
    }

    /** R6: a connection in ERROR can be fenced and closed on both sides. */
    @Test
    void connectionInErrorCanBeFencedAndClosed() {
        ConnectedPair pair = fabric().connect();
        assertRefused(pair.initiator(), chain -> chain.readWord(at(0), wrongKey()));
        pair.server().fence(patience().toNanos());
        pair.initiator().fence(patience().toNanos());
        assertThat(pair.initiator().state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(pair.server().state()).isEqualTo(ConnectionState.CLOSED);
        pair.close();
    }

    /** R7 under fire: closing a region ends a peer that hammers it, and nothing else. */
    @Test
    void closingARegionUnderFireEndsTheAccess() {
        MemoryRegion target = fabric().newRemote(4096);
        long address = target.address();
        int rkey = target.rkey();
        try (ConnectedPair pair = fabric().connect();
                Hammer hammer = Hammer.start(pair.initiator(), patience(), chain -> chain.fetchAdd(address, rkey, 1))) {
            hammer.awaitAcknowledged(20);
            target.close();
            assertThat(hammer.awaitEnd()).isEqualTo(CompletionStatus.REMOTE_ACCESS_ERROR);
        }
        poster().writeWord(at(0), remote.rkey(), 1);
    }

    /** R6: a chain that failed can be cleared; its connection stays dead. */
    @Test
    void failedChainCanBeCleared() {
        try (ConnectedPair pair = fabric().connect();
                Chain chain = newRefusedChain(pair.initiator(), at(0), wrongKey())) {
            assertThat(pair.initiator().execute(chain, patience().toNanos()).completed())
                    .isTrue();
            assertThat(chain.clear().status()).isEqualTo(CompletionStatus.IDLE);
            assertThat(chain.failedElement()).isEqualTo(-1);
            chain.writeWord(at(0), remote.rkey(), 1);
            assertThatThrownBy(() -> pair.initiator().submit(chain)).isInstanceOf(ConnectionLost.class);
        }
    }
}
