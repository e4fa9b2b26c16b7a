package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** R9: a fence cuts a peer off; what it had done before is visible, nothing follows. */
abstract class FenceContract extends Contract {
    private static final int BULK = 2 << 20;

    /** R9: no atomic of the peer executes after the fence; all that it was told of executed before. */
    @RepeatedTest(3)
    void noAtomicOfThePeerExecutesAfterTheFence() {
        try (ConnectedPair pair = fabric().connect();
                Hammer hammer =
                        Hammer.start(pair.initiator(), patience(), chain -> chain.fetchAdd(at(0), remote.rkey(), 1))) {
            hammer.awaitAcknowledged(50);
            pair.server().fence(patience().toNanos());
            long frozen = remote.getWord(0);
            assertThat(hammer.awaitEnd()).isNotEqualTo(CompletionStatus.SUCCESS);
            assertThat(remote.getWord(0)).isEqualTo(frozen);
            assertThat(frozen).isBetween(hammer.acknowledged(), hammer.posted());
            assertThat(pair.server().state()).isEqualTo(ConnectionState.CLOSED);
        }
    }

    /** R9: no byte of a long WRITE under way arrives after the fence. */
    @RepeatedTest(3)
    void noByteOfALongWriteArrivesAfterTheFence() {
        try (MemoryRegion target = fabric().newRemote(BULK);
                MemoryRegion source = fabric().newLocal(2L * BULK);
                ConnectedPair pair = fabric().connect()) {
            source.fill(BULK, BULK, (byte) 0xFF);
            long[] turn = new long[1];
            try (Hammer hammer = Hammer.start(
                    pair.initiator(),
                    patience(),
                    chain -> chain.write(target.address(), target.rkey(), source, BULK * (turn[0]++ & 1), BULK))) {
                hammer.awaitAcknowledged(3);
                pair.server().fence(patience().toNanos());
                ByteBuffer frozen = ByteBuffer.wrap(bytes(target, 0, BULK));
                assertThat(hammer.awaitEnd()).isNotEqualTo(CompletionStatus.SUCCESS);
                assertThat(target.slice(0, BULK).mismatch(frozen)).isEqualTo(-1);
            }
        }
    }

    /** R9: closing the serving end is a fence. */
    @Test
    void closeIsAFence() {
        try (ConnectedPair pair = fabric().connect();
                Hammer hammer =
                        Hammer.start(pair.initiator(), patience(), chain -> chain.fetchAdd(at(0), remote.rkey(), 1))) {
            hammer.awaitAcknowledged(50);
            pair.server().close();
            long frozen = remote.getWord(0);
            assertThat(hammer.awaitEnd()).isNotEqualTo(CompletionStatus.SUCCESS);
            assertThat(remote.getWord(0)).isEqualTo(frozen);
        }
    }

    /** R9: a peer that was cut off cannot do anything on the connection any more, and is told so. */
    @Test
    void fencedPeerCannotPostAnyMore() {
        try (ConnectedPair pair = fabric().connect()) {
            Poster poster = fabric().poster(pair);
            poster.writeWord(at(0), remote.rkey(), 1);
            pair.server().fence(patience().toNanos());
            assertThat(outcomeOf(poster, 2)).isNotEqualTo(CompletionStatus.SUCCESS);
            assertThat(pair.initiator().state()).isEqualTo(ConnectionState.ERROR);
            assertThat(outcomeOf(poster, 3)).isNotEqualTo(CompletionStatus.SUCCESS);
            assertThat(remote.getWord(0)).isEqualTo(1);
        }
    }

    private CompletionStatus outcomeOf(Poster poster, long value) {
        try {
            return poster.post(chain -> chain.writeWord(at(0), remote.rkey(), value));
        } catch (ConnectionLost e) {
            return CompletionStatus.FLUSHED;
        }
    }

    /** R9: a fence concerns one connection; others of the same two domains run on. */
    @Test
    void fenceLeavesOtherConnectionsAlone() {
        try (ConnectedPair other = fabric().connect();
                Hammer hammer =
                        Hammer.start(other.initiator(), patience(), chain -> chain.fetchAdd(at(8), remote.rkey(), 1))) {
            hammer.awaitAcknowledged(10);
            for (int i = 0; i < 5; i++) {
                try (ConnectedPair pair = fabric().connect()) {
                    fabric().poster(pair).fetchAdd(at(0), remote.rkey(), 1);
                    pair.server().fence(patience().toNanos());
                }
                hammer.awaitAcknowledged(hammer.acknowledged() + 10);
            }
            assertThat(remote.getWord(0)).isEqualTo(5);
            assertThat(other.server().state()).isEqualTo(ConnectionState.CONNECTED);
        }
    }

    /** R9: a fence may be repeated, before and after a close. */
    @Test
    void fenceMayBeRepeated() {
        try (ConnectedPair pair = fabric().connect()) {
            for (int i = 0; i < 3; i++) {
                pair.server().fence(patience().toNanos());
                assertThat(pair.server().state()).isEqualTo(ConnectionState.CLOSED);
            }
            pair.server().close();
            pair.server().fence(patience().toNanos());
        }
    }

    /** R9: an end that was never connected can be fenced, and is closed then. */
    @Test
    void endThatWasNeverConnectedCanBeFenced() {
        try (Connection end = fabric().servingDomain().newConnection(ConnectionOptions.of("nobody"))) {
            end.fence(patience().toNanos());
            assertThat(end.state()).isEqualTo(ConnectionState.CLOSED);
        }
    }

    /** A fenced end is closed for its own side too. */
    @Test
    void fencedEndPostsNothingItself() {
        try (ConnectedPair pair = fabric().connect()) {
            Chain chain = pair.initiator().newChain(1);
            chain.writeWord(at(0), remote.rkey(), 1);
            pair.initiator().fence(patience().toNanos());
            assertTyped(() -> pair.initiator().submit(chain));
            assertTyped(() -> pair.initiator().newChain(1));
            assertThat(remote.getWord(0)).isZero();
        }
    }

    /**
     * Fence and close by another thread while this end posts: the posting thread is refused or flushed, nobody hangs.
     */
    @RepeatedTest(2)
    void fenceByAnotherThreadEndsTheOwnPoster() {
        try (ConnectedPair pair = fabric().connect();
                Hammer own =
                        Hammer.start(pair.initiator(), patience(), chain -> chain.fetchAdd(at(0), remote.rkey(), 1))) {
            own.awaitAcknowledged(20);
            pair.initiator().fence(patience().toNanos());
            assertThat(own.awaitEnd()).isNotEqualTo(CompletionStatus.SUCCESS);
        }
    }

    /** R9: the peer that was cut off may come back by a new connection; memory and rkeys are as they were. */
    @Test
    void newConnectionAfterAFenceReachesTheSameMemory() {
        try (ConnectedPair pair = fabric().connect()) {
            fabric().poster(pair).writeWord(at(0), remote.rkey(), 5);
            pair.server().fence(patience().toNanos());
        }
        try (ConnectedPair again = fabric().connect()) {
            assertThat(fabric().poster(again).fetchAdd(at(0), remote.rkey(), 1)).isEqualTo(5);
        }
    }

    /** Two threads that fence the same end both return, and the fence holds. */
    @Test
    void concurrentFencesAreOne() {
        try (ConnectedPair pair = fabric().connect();
                Hammer hammer =
                        Hammer.start(pair.initiator(), patience(), chain -> chain.fetchAdd(at(0), remote.rkey(), 1))) {
            hammer.awaitAcknowledged(10);
            long[] frozen = new long[2];
            Crew.run(2, patience(), member -> {
                pair.server().fence(patience().toNanos());
                frozen[member] = remote.getWord(0);
            });
            hammer.awaitEnd();
            assertThat(frozen).containsOnly(remote.getWord(0));
        }
    }

    /** R10: chains of this side in flight when it closes the connection end with it; polling them never blocks. */
    @Test
    void closeWithChainsInFlightReturns() {
        ConnectedPair pair = fabric().connect();
        for (int i = 0; i < 8; i++) {
            Chain chain = pair.initiator().newChain(1);
            chain.write(at(0), remote.rkey(), local, 0, 32768);
            pair.initiator().submit(chain);
        }
        pair.initiator().close();
        try {
            pair.initiator().poll();
        } catch (FineMemException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
        pair.close();
        poster().writeWord(at(0), remote.rkey(), 1);
        assertThat(remote.getWord(0)).isEqualTo(1);
    }
}
