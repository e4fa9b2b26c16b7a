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
    private static final int ROUNDS = 50_000;

    /** A cache line for each word. */
    private static final long STRIDE = 64;

    @TempDir
    private Path directory;

    private final long[][] seen = new long[2][ROUNDS];
    private final AtomicIntegerArray reached = new AtomicIntegerArray(2);
    private MemoryRegion words;

    private void play(Connection connection, int side) {
        Chain chain = connection.newChain(2);
        for (int round = 0; round < ROUNDS; round++) {
            long mine = words.address() + (2L * round + side) * STRIDE;
            long other = words.address() + (2L * round + 1 - side) * STRIDE;
            chain.clear().writeWord(mine, words.rkey(), 1);
            chain.readWord(other, words.rkey());
            meet(side, round);
            CompletionStatus status = Fixture.execute(chain);
            seen[side][round] = status == CompletionStatus.SUCCESS ? chain.word(1) : -1;
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
            words = nodes.region(2L * ROUNDS * STRIDE);
            Connection second = Fixture.connect(nodes.own(), nodes.served()).client();
            Thread other = new Thread(() -> play(second, 1));
            other.start();
            play(nodes.client(), 0);
            other.join();
        }
        for (int round = 0; round < ROUNDS; round++) {
            assertThat(seen[0][round] + seen[1][round]).as("round %d", round).isBetween(1L, 2L);
        }
    }
}
