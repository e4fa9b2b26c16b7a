package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionCounters;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R1 and R5: one doorbell per chain, one completion per chain, in order, after the last element. */
abstract class CompletionContract extends Contract {

    /** R5: SUCCESS means that the effects are there, at once, for everybody. */
    @Test
    void effectsAreThereWhenTheChainHasCompleted() {
        try (ConnectedPair other = fabric().connect()) {
            Poster reader = fabric().poster(other);
            for (long i = 1; i <= 100; i++) {
                long value = i;
                poster().complete(chain -> {
                    chain.writeWord(at(0), remote.rkey(), value);
                    chain.fetchAdd(at(8), remote.rkey(), 1);
                });
                assertThat(remote.getWord(0)).isEqualTo(value);
                assertThat(remote.getWord(8)).isEqualTo(value);
                assertThat(reader.readWord(at(0), remote.rkey())).isEqualTo(value);
            }
        }
    }

    /** R5: SUCCESS means that what was read is in the initiator's memory. */
    @Test
    void readDataIsThereWhenTheChainHasCompleted() {
        for (byte round = 1; round <= 50; round++) {
            byte value = round;
            remote.fill(0, 16384, value);
            poster().complete(chain -> chain.read(at(0), remote.rkey(), local, 0, 16384));
            assertThat(local.slice(0, 16384).mismatch(remote.slice(0, 16384))).isEqualTo(-1);
        }
    }

    /** R5: a chain is IDLE, IN_FLIGHT until it is polled, then SUCCESS, and IDLE when cleared. */
    @Test
    void statusFollowsTheLifeOfAChain() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(2)) {
            assertThat(chain.status()).isEqualTo(CompletionStatus.IDLE);
            chain.writeWord(at(0), remote.rkey(), 1);
            assertThat(chain.status()).isEqualTo(CompletionStatus.IDLE);
            connection.submit(chain);
            assertThat(chain.status()).isEqualTo(CompletionStatus.IN_FLIGHT);
            assertThat(connection.chainsInFlight()).isEqualTo(1);
            assertThat(poster().awaitNext()).isSameAs(chain);
            assertThat(chain.status()).isEqualTo(CompletionStatus.SUCCESS);
            assertThat(chain.failedElement()).isEqualTo(-1);
            assertThat(connection.chainsInFlight()).isZero();
            assertThat(chain.clear().status()).isEqualTo(CompletionStatus.IDLE);
            assertThat(chain.size()).isZero();
        }
    }

    /** Poll never blocks and finds nothing where nothing is in flight. */
    @Test
    void pollWithoutChainsInFlightFindsNothing() {
        for (int i = 0; i < 10; i++) {
            assertThat(poster().connection().poll()).isNull();
        }
    }

    /** R5: many chains in flight complete each once, in posting order. */
    @Test
    void manyChainsInFlightCompleteInPostingOrder() {
        try (ConnectedPair pair =
                fabric().connect(ConnectionOptions.of("server").withMaxElementsInFlight(256))) {
            Connection connection = pair.initiator();
            List<Chain> chains = new ArrayList<>();
            for (int i = 0; i < 128; i++) {
                Chain chain = connection.newChain(2);
                chain.fetchAdd(at(0), remote.rkey(), 1);
                chain.readWord(at(128), remote.rkey());
                chains.add(chain);
            }
            for (int round = 0; round < 3; round++) {
                chains.forEach(connection::submit);
                assertThat(connection.chainsInFlight()).isEqualTo(chains.size());
                for (int i = 0; i < chains.size(); i++) {
                    assertThat(Poster.awaitNext(connection, patience())).isSameAs(chains.get(i));
                    assertThat(chains.get(i).status()).isEqualTo(CompletionStatus.SUCCESS);
                    assertThat(chains.get(i).word(0)).isEqualTo(128L * round + i);
                }
                assertThat(connection.poll()).isNull();
                chains.forEach(chain -> chain.clear().fetchAdd(at(0), remote.rkey(), 1));
                chains.forEach(chain -> chain.readWord(at(128), remote.rkey()));
            }
        }
    }

    /** A window of chains that is kept full for a while: each completion makes room for one. */
    @Test
    void pipelineKeptFullRunsOn() {
        try (ConnectedPair pair = fabric().connect()) {
            Connection connection = pair.initiator();
            int depth = 16;
            for (int i = 0; i < depth; i++) {
                Chain chain = connection.newChain(4);
                fillPipelined(chain);
                connection.submit(chain);
            }
            for (int i = 0; i < 500; i++) {
                Chain done = Poster.awaitNext(connection, patience());
                assertThat(done.status()).isEqualTo(CompletionStatus.SUCCESS);
                assertThat(done.word(1)).isEqualTo(i);
                done.clear();
                fillPipelined(done);
                connection.submit(done);
            }
            for (int i = 0; i < depth; i++) {
                Poster.awaitNext(connection, patience());
            }
            assertThat(remote.getWord(0)).isEqualTo(500 + depth);
        }
    }

    private void fillPipelined(Chain chain) {
        chain.writeWord(at(64), remote.rkey(), 1);
        chain.fetchAdd(at(0), remote.rkey(), 1);
        chain.readWord(at(64), remote.rkey());
        chain.compareAndSwap(at(72), remote.rkey(), 0, 0);
    }

    /** Longer chains than the device executes atomics at a time are pipelined, not refused. */
    @Test
    void chainLongerThanTheAtomicsInFlightIsPipelined() {
        int length =
                Math.min(capabilities().maxElementsInFlight(), capabilities().maxAtomicsInFlight() + 40);
        length = Math.min(length, 512);
        try (ConnectedPair pair =
                        fabric().connect(ConnectionOptions.of("server").withMaxElementsInFlight(length));
                Chain chain = pair.initiator().newChain(length)) {
            for (int i = 0; i < length; i++) {
                chain.fetchAdd(at(0), remote.rkey(), 1);
            }
            assertThat(pair.initiator().execute(chain, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            for (int i = 0; i < length; i++) {
                assertThat(chain.word(i)).isEqualTo(i);
            }
            assertThat(remote.getWord(0)).isEqualTo(length);
        }
    }

    /** R1: one chain, one doorbell, one completion; elements are counted by kind. */
    @Test
    void countersAreExact() {
        try (ConnectedPair pair = fabric().connect()) {
            ConnectionCounters counters = pair.initiator().counters();
            assertThat(counters.posted() + counters.doorbells() + counters.completions())
                    .isZero();
            Poster poster = fabric().poster(pair);
            for (int i = 0; i < 5; i++) {
                poster.complete(chain -> {
                    chain.writeWord(at(0), remote.rkey(), 1);
                    chain.write(at(8), remote.rkey(), local, 0, 100);
                    chain.readWord(at(0), remote.rkey());
                    chain.read(at(8), remote.rkey(), local, 0, 100);
                    chain.read(at(8), remote.rkey(), local, 0, 8);
                    chain.compareAndSwap(at(0), remote.rkey(), 0, 1);
                    chain.fetchAdd(at(0), remote.rkey(), 1);
                });
            }
            assertThat(counters.doorbells()).isEqualTo(5);
            assertThat(counters.completions()).isEqualTo(5);
            assertThat(counters.posted(Operation.WRITE)).isEqualTo(10);
            assertThat(counters.posted(Operation.READ)).isEqualTo(15);
            assertThat(counters.posted(Operation.COMPARE_AND_SWAP)).isEqualTo(5);
            assertThat(counters.posted(Operation.FETCH_ADD)).isEqualTo(5);
            assertThat(counters.posted()).isEqualTo(35);
            assertThat(pair.server().counters().posted()).isZero();
        }
    }

    /** Chains beyond the room are refused, nothing of them is posted, and room comes back with completions. */
    @Test
    void chainWithoutRoomIsRefusedAndNotPosted() {
        try (ConnectedPair pair =
                fabric().connect(ConnectionOptions.of("server").withMaxElementsInFlight(8))) {
            Connection connection = pair.initiator();
            int room = connection.options().maxElementsInFlight();
            assertThat(room).isGreaterThanOrEqualTo(8);
            Chain full = connection.newChain(room);
            for (int i = 0; i < room; i++) {
                full.fetchAdd(at(0), remote.rkey(), 1);
            }
            Chain more = connection.newChain(1);
            more.fetchAdd(at(8), remote.rkey(), 1);
            connection.submit(full);
            assertThatThrownBy(() -> connection.submit(more)).isInstanceOf(OutOfLocalResources.class);
            assertThat(more.status()).isEqualTo(CompletionStatus.IDLE);
            assertThat(Poster.awaitNext(connection, patience())).isSameAs(full);
            assertThat(remote.getWord(8)).isZero();
            assertThat(connection.counters().posted()).isEqualTo(room);
            assertThat(connection.execute(more, patience().toNanos())).isEqualTo(CompletionStatus.SUCCESS);
            assertThat(remote.getWord(8)).isEqualTo(1);
        }
    }

    /** The blocking form is for one chain at a time. */
    @Test
    void executeWithChainsInFlightIsRefused() {
        Connection connection = poster().connection();
        try (Chain first = connection.newChain(1);
                Chain second = connection.newChain(1)) {
            first.writeWord(at(0), remote.rkey(), 1);
            second.writeWord(at(0), remote.rkey(), 2);
            connection.submit(first);
            assertInvalid(() -> connection.execute(second, patience().toNanos()));
            assertThat(poster().awaitNext()).isSameAs(first);
            assertThat(remote.getWord(0)).isEqualTo(1);
        }
    }

    /** R5: connections make progress independently: one with much to do does not keep another from completing. */
    @Test
    void busyConnectionDoesNotStopAnother() {
        try (ConnectedPair busy = fabric().connect()) {
            Connection connection = busy.initiator();
            List<Chain> chains = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Chain chain = connection.newChain(1);
                chain.write(at(0), remote.rkey(), local, 0, 32768);
                connection.submit(chain);
                chains.add(chain);
            }
            poster().writeWord(at(40000), remote.rkey(), 3);
            assertThat(remote.getWord(40000)).isEqualTo(3);
            for (Chain chain : chains) {
                assertThat(Poster.awaitNext(connection, patience())).isSameAs(chain);
            }
        }
    }
}
