package io.finemem.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A WRITE executes before the READ behind it: of two connections that write and then read crosswise one sees the other. */
class StoreThenLoadTest {
    private static final int ROUNDS = 200_000;

    /** Pairs of WRITE and READ in a chain. */
    private static final int PAIRS = 8;

    /** A cache line for each word. */
    private static final long STRIDE = 64;

    @TempDir
    private Path directory;

    private final boolean[][] missed = new boolean[2][ROUNDS * PAIRS];
    private final AtomicIntegerArray reached = new AtomicIntegerArray(2);
    private MemoryRegion words;

    private long address(int pair, int side) {
        return words.address() + (2L * pair + side) * STRIDE;
    }

    /** The words grow from round to round: one below the round has missed the other's WRITE. */
    private void play(Connection connection, int side) {
        Chain chain = connection.newChain(2 * PAIRS);
        for (int round = 1; round <= ROUNDS; round++) {
            chain.clear();
            for (int pair = 0; pair < PAIRS; pair++) {
                chain.writeWord(address(pair, side), words.rkey(), round);
                chain.readWord(address(pair, 1 - side), words.rkey());
            }
            meet(side, round);
            boolean executed = Fixture.execute(chain) == CompletionStatus.SUCCESS;
            for (int pair = 0; pair < PAIRS; pair++) {
                missed[side][(round - 1) * PAIRS + pair] = !executed || chain.word(2 * pair + 1) < round;
            }
        }
    }

    private void meet(int side, int round) {
        reached.set(side, round);
        for (int spins = 0; reached.get(1 - side) < round; spins++) {
            if (spins > Connection.SPINS_BEFORE_YIELD) {
                Thread.yield();
            }
        }
    }

    @Test
    void twoConnectionsNeverBothMissTheOthersWrite() throws InterruptedException {
        try (TwoNodes nodes = new TwoNodes(directory)) {
            words = nodes.region(2 * PAIRS * STRIDE);
            Connection second = Fixture.connect(nodes.own(), nodes.served()).client();
            Thread other = new Thread(() -> play(second, 1));
            other.start();
            play(nodes.client(), 0);
            other.join();
        }
        int both = 0;
        for (int i = 0; i < missed[0].length; i++) {
            both += missed[0][i] && missed[1][i] ? 1 : 0;
        }
        assertThat(both)
                .as("pairs of %d in which both missed it", missed[0].length)
                .isZero();
    }
}
