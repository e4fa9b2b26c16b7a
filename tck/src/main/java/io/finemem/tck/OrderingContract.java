package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** R2: what executes in posting order. A READ beside an atomic has no order and is not asserted. */
abstract class OrderingContract extends Contract {
    private static final int CHAINS = 200;

    /** R2: WRITE before WRITE within a chain: the last one stays. */
    @Test
    void lastOfOverlappingWritesInAChainStays() {
        for (int round = 0; round < 20; round++) {
            long base = 100L * round;
            poster().complete(chain -> {
                for (int i = 1; i <= 16; i++) {
                    chain.writeWord(at(0), remote.rkey(), base + i);
                }
            });
            assertThat(remote.getWord(0)).isEqualTo(base + 16);
        }
    }

    /** R2: WRITE before WRITE for long and short transfers that overlap in part. */
    @Test
    void shortWriteAfterLongWriteStays() {
        local.fill(0, 32768, (byte) 1);
        local.fill(32768, 16, (byte) 2);
        for (int round = 0; round < 10; round++) {
            poster().complete(chain -> {
                chain.write(at(0), remote.rkey(), local, 0, 32768);
                chain.write(at(32000), remote.rkey(), local, 32768, 16);
            });
            assertThat(bytes(remote, 31999, 18)).startsWith((byte) 1).endsWith((byte) 1);
            assertThat(bytes(remote, 32000, 16)).containsOnly(2);
        }
    }

    /** R2: WRITE before atomic: the atomic finds what the WRITE before it left. */
    @Test
    void atomicSeesTheWriteBeforeIt() {
        for (long round = 1; round <= 20; round++) {
            long value = round * 1000;
            Chain chain = poster().complete(c -> {
                c.writeWord(at(8), remote.rkey(), value);
                c.fetchAdd(at(8), remote.rkey(), 1);
                c.compareAndSwap(at(8), remote.rkey(), value + 1, value + 2);
            });
            assertThat(chain.word(1)).isEqualTo(value);
            assertThat(chain.word(2)).isEqualTo(value + 1);
            assertThat(remote.getWord(8)).isEqualTo(value + 2);
        }
    }

    /** R2: atomic before atomic: each CAS finds the update of the one before. */
    @Test
    void chainOfCompareAndSwapsRunsInOrder() {
        Chain chain = poster().complete(c -> {
            for (int i = 0; i < 16; i++) {
                c.compareAndSwap(at(16), remote.rkey(), i, i + 1);
            }
        });
        for (int i = 0; i < 16; i++) {
            assertThat(chain.word(i)).isEqualTo(i);
        }
        assertThat(remote.getWord(16)).isEqualTo(16);
    }

    /** R2: WRITE before READ: the READ brings what the WRITE before it left. */
    @Test
    void readSeesTheWriteBeforeIt() {
        for (long round = 1; round <= 20; round++) {
            long value = round;
            Chain chain = poster().complete(c -> {
                c.writeWord(at(24), remote.rkey(), value);
                c.readWord(at(24), remote.rkey());
            });
            assertThat(chain.word(1)).isEqualTo(value);
        }
    }

    /** R2: WRITE before READ for 16 KiB. */
    @Test
    void longReadSeesTheLongWriteBeforeIt() {
        fillPattern(local, 0, 16384, 9);
        poster().complete(chain -> {
            chain.write(at(1), remote.rkey(), local, 0, 16384);
            chain.read(at(1), remote.rkey(), local, 20000, 16384);
        });
        assertSame(local, 0, local, 20000, 16384);
    }

    /** R2 across chains: many chains are posted before the first completes, and run as if they were one. */
    @Test
    void orderHoldsAcrossChainsInFlight() {
        try (ConnectedPair pair = fabric().connect()) {
            Connection connection = pair.initiator();
            int count = connection.options().maxElementsInFlight() / 3;
            List<Chain> chains = new ArrayList<>();
            for (int i = 0; i < Math.min(count, 64); i++) {
                Chain chain = connection.newChain(3);
                chain.compareAndSwap(at(32), remote.rkey(), 2L * i, 2L * i + 1);
                chain.writeWord(at(40), remote.rkey(), i);
                chain.fetchAdd(at(32), remote.rkey(), 1);
                chains.add(chain);
            }
            chains.forEach(connection::submit);
            for (int i = 0; i < chains.size(); i++) {
                Chain done = Poster.awaitNext(connection, patience());
                assertThat(done).isSameAs(chains.get(i));
                assertThat(done.word(0)).isEqualTo(2L * i);
                assertThat(done.word(2)).isEqualTo(2L * i + 1);
            }
            assertThat(remote.getWord(40)).isEqualTo(chains.size() - 1);
        }
    }

    /** R2 as the serving CPU sees it: data that is written before a flag is there when the flag is. */
    @Test
    void cpuThatSeesTheFlagSeesTheDataBeforeIt() {
        AtomicBoolean done = new AtomicBoolean();
        Crew.run(2, patience(), member -> {
            if (member == 0) {
                publish();
                done.set(true);
                return;
            }
            Deadline deadline = Deadline.in(patience());
            for (long flag = 0; flag < CHAINS; ) {
                flag = remote.getWord(48);
                assertThat(remote.getWord(56)).isGreaterThanOrEqualTo(flag);
                assertThat(remote.getWord(32768)).isGreaterThanOrEqualTo(flag);
                deadline.pause("the last flag");
            }
        });
        assertThat(done).isTrue();
    }

    private void publish() {
        for (long i = 1; i <= CHAINS; i++) {
            long value = i;
            poster().complete(chain -> {
                chain.writeWord(at(56), remote.rkey(), value);
                chain.writeWord(at(32768), remote.rkey(), value);
                chain.writeWord(at(48), remote.rkey(), value);
            });
        }
    }

    /** R2 as another connection sees it: the flag by an atomic after the data. */
    @Test
    void peerThatSeesTheFlagSeesTheDataBeforeIt() {
        try (ConnectedPair reader = fabric().connect()) {
            Poster reading = fabric().poster(reader);
            Crew.run(2, patience(), member -> {
                for (long i = 1; member == 0 && i <= CHAINS; i++) {
                    long value = i;
                    poster().complete(chain -> {
                        chain.writeWord(at(72), remote.rkey(), value);
                        chain.fetchAdd(at(64), remote.rkey(), 1);
                    });
                }
                Deadline deadline = Deadline.in(patience());
                for (long flag = 0; member == 1 && flag < CHAINS; ) {
                    flag = reading.readWord(at(64), remote.rkey());
                    assertThat(reading.readWord(at(72), remote.rkey())).isGreaterThanOrEqualTo(flag);
                    deadline.pause("the last flag");
                }
            });
        }
    }
}
