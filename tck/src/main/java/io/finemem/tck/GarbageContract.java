package io.finemem.tck;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Posting creates no garbage: 0 bytes on the heap for 100,000 operations after a warm-up. */
abstract class GarbageContract extends Contract {
    private static final int WARM_UP = 5_000;
    private static final int CHAINS = 25_000;
    private static final int PIPELINED_CHAINS = 5_000;
    private static final int ATTEMPTS = 3;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private long limitNanos;

    @BeforeAll
    void takeLimit() {
        limitNanos = patience().toNanos();
    }

    private interface Round {
        void run(int chains);
    }

    /** 25,000 chains of 4 that are filled, executed, read, and cleared, one at a time. */
    @Test
    void executedChainsAllocateNothing() {
        Connection connection = poster().connection();
        try (Chain chain = connection.newChain(4)) {
            assertNoGarbage(CHAINS, chains -> executeOneByOne(connection, chain, chains));
        }
        assertThat(remote.getWord(0)).isPositive();
    }

    private void executeOneByOne(Connection connection, Chain chain, int chains) {
        long address = remote.address();
        int rkey = remote.rkey();
        for (int i = 0; i < chains; i++) {
            chain.clear();
            chain.write(address + 64, rkey, local, 0, 64);
            int swap = chain.compareAndSwap(address + 8, rkey, i, i + 1);
            int add = chain.fetchAdd(address, rkey, 1);
            chain.readWord(address + 16, rkey);
            if (connection.execute(chain, limitNanos) != CompletionStatus.SUCCESS
                    || chain.word(add) + chain.word(swap) < 0) {
                throw new AssertionError("chain " + i + " ended with " + chain.status());
            }
        }
    }

    /** 5,000 chains of 4 that are submitted and polled apart, 8 in flight, and polls that find nothing. */
    @Test
    void submittedAndPolledChainsAllocateNothing() {
        try (ConnectedPair pair = fabric().connect()) {
            Connection connection = pair.initiator();
            Chain[] ring = new Chain[8];
            for (int i = 0; i < ring.length; i++) {
                ring[i] = connection.newChain(4);
            }
            assertNoGarbage(PIPELINED_CHAINS, chains -> keepRingFull(connection, ring, chains));
        }
    }

    private void keepRingFull(Connection connection, Chain[] ring, int chains) {
        for (int i = 0; i < chains + ring.length; i++) {
            Chain chain = ring[i % ring.length];
            if (i >= ring.length && awaitNext(connection) != chain) {
                throw new AssertionError("another chain than " + i + " completed");
            }
            if (i < chains) {
                fill(chain.clear());
                connection.submit(chain);
            }
        }
        if (connection.poll() != null) {
            throw new AssertionError("a chain completed twice");
        }
    }

    private void fill(Chain chain) {
        long address = remote.address();
        int rkey = remote.rkey();
        chain.writeWord(address + 24, rkey, 1);
        chain.read(address + 64, rkey, local, 0, 64);
        chain.fetchAdd(address + 32, rkey, 1);
        chain.readWord(address + 24, rkey);
    }

    private Chain awaitNext(Connection connection) {
        Chain done = connection.poll();
        long deadline = 0;
        for (int polls = 1; done == null; polls++) {
            if (polls % 1024 == 0) {
                long now = System.nanoTime();
                deadline = deadline == 0 ? now + limitNanos : deadline;
                if (now - deadline > 0) {
                    throw new AssertionError("no completion in time");
                }
            }
            if (polls > Connection.SPINS_BEFORE_YIELD) {
                Thread.yield();
            }
            done = connection.poll();
        }
        if (done.status() != CompletionStatus.SUCCESS) {
            throw new AssertionError("a chain ended with " + done.status());
        }
        return done;
    }

    /** The compiler may still be at work after the warm-up: one round of three without a byte is the steady state. */
    private static void assertNoGarbage(int chains, Round round) {
        assertThat(THREADS.isThreadAllocatedMemorySupported()).isTrue();
        round.run(WARM_UP);
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) {
            least = Math.min(least, allocatedBy(chains, round) - allocatedByMeasuring());
        }
        assertThat(least).as("heap bytes of %d chains", chains).isLessThanOrEqualTo(0);
    }

    private static long allocatedBy(int chains, Round round) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        round.run(chains);
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static long allocatedByMeasuring() {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
