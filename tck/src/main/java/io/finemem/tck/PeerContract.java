package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** R9 and R10 with a real process as the peer. One process serves all cases, in order; the last ones kill it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class PeerContract extends Contract {
    private static final int ADDS = 1000;

    private PeerProcess peer;

    @BeforeAll
    void startPeer() {
        peer = PeerProcess.start(fabric().underTest());
    }

    @AfterAll
    void endPeer() {
        if (peer != null) {
            peer.kill();
        }
    }

    /** R5: bytes go to the memory of another process and back. */
    @Test
    @Order(1)
    void bytesReachTheMemoryOfAnotherProcess() {
        try (PeerProcess.Link link = peer.connect(fabric().initiatingDomain())) {
            Poster poster = new Poster(link.connection(), patience());
            fillPattern(local, 0, 20_000, 1);
            poster.complete(chain -> {
                chain.write(peer.address() + 1000, peer.rkey(), local, 0, 20_000);
                chain.read(peer.address() + 1000, peer.rkey(), local, 30_000, 20_000);
                chain.writeWord(peer.address(), peer.rkey(), -7);
            });
            assertSame(local, 0, local, 30_000, 20_000);
            assertThat(peer.tell("word", 0)).isEqualTo("-7");
        }
    }

    /** R5: another process reaches this one's memory over the same connection. */
    @Test
    @Order(2)
    void anotherProcessReachesOurMemory() {
        try (PeerProcess.Link link = peer.connect(fabric().servingDomain())) {
            assertThat(peer.tell("write", link.number(), at(8), remote.rkey(), 77))
                    .isEqualTo("SUCCESS");
            assertThat(remote.getWord(8)).isEqualTo(77);
        }
    }

    /** R7: an rkey of another process is of no use without a connection to it. */
    @Test
    @Order(2)
    void rkeyOfAnotherProcessDoesNotOpenOurMemory() {
        try (PeerProcess.Link link = peer.connect(fabric().servingDomain())) {
            assertThat(peer.tell("write", link.number(), at(8), remote.rkey() ^ 0x0100, 77))
                    .isEqualTo("REMOTE_ACCESS_ERROR");
            assertThat(remote.getWord(8)).isZero();
        }
    }

    /** R3: FETCH_ADDs and CAS of two processes lose no update. */
    @Test
    @Order(3)
    void atomicsOfTwoProcessesLoseNoUpdate() {
        try (PeerProcess.Link link = peer.connect(fabric().servingDomain())) {
            long[] own = new long[1];
            Crew.run(2, patience(), member -> {
                if (member == 0) {
                    String done = peer.tell("add", link.number(), at(16), remote.rkey(), ADDS);
                    assertThat(done).isEqualTo(Integer.toString(ADDS));
                    return;
                }
                long expected = 0;
                while (own[0] < ADDS) {
                    long found = poster().compareAndSwap(at(16), remote.rkey(), expected, expected + 1);
                    own[0] += found == expected ? 1 : 0;
                    expected = found == expected ? expected + 1 : found;
                }
            });
            assertThat(remote.getWord(16)).isEqualTo(2L * ADDS);
        }
    }

    /** R9: nothing that another process posts executes after the fence, and it is told. */
    @Test
    @Order(4)
    void fenceCutsOffAnotherProcess() {
        try (PeerProcess.Link link = peer.connect(fabric().servingDomain())) {
            assertThat(peer.tell("hammer", link.number(), at(24), remote.rkey()))
                    .isEqualTo("hammering");
            link.connection().fence(patience().toNanos());
            long frozen = remote.getWord(24);
            assertThat(frozen).isGreaterThanOrEqualTo(10);
            assertThat(peer.tell("ended", link.number())).isNotEqualTo("SUCCESS");
            assertThat(remote.getWord(24)).isEqualTo(frozen);
        }
    }

    /** R6: an end that the other process fences or closes fails here, and says so. */
    @Test
    @Order(5)
    void fenceByTheOtherProcessEndsOurConnection() {
        try (PeerProcess.Link link = peer.connect(fabric().initiatingDomain())) {
            Poster poster = new Poster(link.connection(), patience());
            poster.writeWord(peer.address(), peer.rkey(), 1);
            assertThat(peer.tell("fence", link.number())).isEqualTo("CLOSED");
            assertThat(postTo(poster)).isNotEqualTo(CompletionStatus.SUCCESS);
            assertThat(link.connection().state()).isEqualTo(ConnectionState.ERROR);
            assertThat(peer.tell("word", 0)).isEqualTo("1");
        }
    }

    private CompletionStatus postTo(Poster poster) {
        try {
            return poster.post(chain -> chain.writeWord(peer.address(), peer.rkey(), 2));
        } catch (ConnectionLost e) {
            return CompletionStatus.FLUSHED;
        }
    }

    /** R9: the fence of a process that stands still either holds, or says that it does not hold yet. */
    @Test
    @Order(6)
    void fenceOfAStoppedProcessHoldsOrSaysSo() {
        try (PeerProcess.Link link = peer.connect(fabric().servingDomain())) {
            peer.tell("hammer", link.number(), at(32), remote.rkey());
            peer.suspend();
            long frozen = -1;
            try {
                link.connection().fence(1_000_000_000L);
                frozen = remote.getWord(32);
            } catch (OperationTimeout e) {
                assertThat(e).hasMessageNotContaining("null");
            } finally {
                peer.resume();
            }
            if (frozen < 0) {
                link.connection().fence(patience().toNanos());
                frozen = remote.getWord(32);
            }
            assertThat(peer.tell("ended", link.number())).isNotEqualTo("SUCCESS");
            assertThat(remote.getWord(32)).isEqualTo(frozen);
        }
    }

    /**
     * R10: the process is killed in the middle: chains in flight to it end, or complete where declared; nobody hangs.
     */
    @Test
    @Order(7)
    void killedProcessEndsChainsInFlight() {
        PeerProcess.Link toPeer = peer.connect(fabric().initiatingDomain());
        PeerProcess.Link fromPeer = peer.connect(fabric().servingDomain());
        Poster poster = new Poster(toPeer.connection(), patience());
        poster.writeWord(peer.address(), peer.rkey(), 3);
        peer.tell("hammer", fromPeer.number(), at(40), remote.rkey());
        peer.kill();
        if (capabilities().survivesPeerProcess()) {
            Deadline longEnough = Deadline.in(patience().dividedBy(10));
            while (!longEnough.expired()) {
                assertThat(postTo(poster)).isEqualTo(CompletionStatus.SUCCESS);
            }
        } else {
            assertThat(firstFailure(poster)).isIn(CompletionStatus.PEER_UNREACHABLE, CompletionStatus.FLUSHED);
            assertThat(toPeer.connection().state()).isEqualTo(ConnectionState.ERROR);
        }
        fromPeer.connection().fence(patience().toNanos());
        long frozen = remote.getWord(40);
        assertThat(frozen).isGreaterThanOrEqualTo(10);
        toPeer.close();
        fromPeer.close();
        assertThat(remote.getWord(40)).isEqualTo(frozen);
    }

    /** The death may take a moment to be noticed; until then chains may still succeed. */
    private CompletionStatus firstFailure(Poster poster) {
        Deadline deadline = Deadline.in(patience());
        CompletionStatus status = postTo(poster);
        while (status == CompletionStatus.SUCCESS) {
            deadline.pause("a chain that fails because the peer is gone");
            status = postTo(poster);
        }
        return status;
    }

    /** R10: the death of a peer concerns its connections only. */
    @Test
    @Order(8)
    void deathOfAPeerConcernsItsConnectionsOnly() {
        peer.kill();
        assertThat(poster().fetchAdd(at(48), remote.rkey(), 1)).isZero();
        try (ConnectedPair pair = fabric().connect()) {
            assertThat(fabric().poster(pair).fetchAdd(at(48), remote.rkey(), 1)).isEqualTo(1);
        }
    }
}
