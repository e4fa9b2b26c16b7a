package io.finemem.runtime.stress;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A1. One connection posts chains of WRITEs followed by atomics, each element to a word of its own that is zero before. The
 * local CPU and a second connection look at the words meanwhile: if one has changed, all before it in the chain must have.
 * A word goes from 0 to 1, one byte, so that a torn word cannot look like anything else.
 */
final class OrderStress {
    private static final int ELEMENTS = 16;
    private static final int CHAINS = 64;

    private final Bench bench;
    private final AtomicReference<String> wrong = new AtomicReference<>();
    private volatile int completed;
    private volatile int cpuAt;
    private volatile int peerAt;
    private volatile boolean stop;

    OrderStress(Bench bench) {
        this.bench = bench;
    }

    static Verdict run(Bench bench, int seconds) {
        return new OrderStress(bench).run(seconds);
    }

    private Verdict run(int seconds) {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        long chains = 0;
        try (Crew crew = new Crew();
                MemoryRegion memory = bench.memory((long) CHAINS * ELEMENTS);
                Bench.Pair poster = bench.connect();
                Bench.Pair observer = bench.connect()) {
            Chain chain = poster.poster().newChain(ELEMENTS);
            Random random = new Random(chains);
            do {
                memory.fill(0, memory.length(), (byte) 0);
                batch(crew, memory, poster.poster(), chain, observer.poster(), random, seconds);
                chains += CHAINS;
            } while (wrong.get() == null && System.nanoTime() < deadline);
        }
        String seen = wrong.get();
        return new Verdict(
                "A1",
                "on one connection WRITE before WRITE, WRITE before atomic and atomic before atomic execute in order",
                "chains of " + ELEMENTS
                        + " WRITEs and atomics; CPU and a second connection look for a later one without"
                        + " an earlier one",
                chains * ELEMENTS,
                seen == null ? Verdict.Result.HOLDS : Verdict.Result.VIOLATED,
                seen == null ? "never seen out of order" : seen,
                seen == null
                        ? ""
                        : "turn relaxed ordering off (PCI_WR_ORDERING of mlxconfig, relaxed ordering of the registration)"
                                + " and run again");
    }

    private void batch(
            Crew crew,
            MemoryRegion memory,
            Connection connection,
            Chain chain,
            Connection observer,
            Random random,
            int seconds) {
        completed = 0;
        cpuAt = 0;
        peerAt = 0;
        List<Future<Integer>> observers = List.of(
                crew.start(() -> observe(new ByCpu(memory), true)),
                crew.start(() -> observe(new ByPeer(memory, observer), false)));
        try {
            for (int i = 0; i < CHAINS && wrong.get() == null; i++) {
                while ((cpuAt < i || peerAt < i)
                        && wrong.get() == null
                        && observers.stream().noneMatch(Future::isDone)) {
                    Thread.onSpinWait();
                    Thread.yield();
                }
                fill(chain.clear(), memory, i, random.nextInt(ELEMENTS));
                Bench.execute(connection, chain);
                completed = i + 1;
            }
        } finally {
            stop = completed < CHAINS;
            Crew.awaitAll(observers, seconds);
        }
    }

    private static void fill(Chain chain, MemoryRegion memory, int number, int writes) {
        for (int i = 0; i < ELEMENTS; i++) {
            long address = memory.address() + ((long) number * ELEMENTS + i) * Bench.WORD;
            if (i < writes) {
                chain.writeWord(address, memory.rkey(), 1);
            } else if ((i & 1) == 0) {
                chain.fetchAdd(address, memory.rkey(), 1);
            } else {
                chain.compareAndSwap(address, memory.rkey(), 0, 1);
            }
        }
    }

    /** How an observer loads a word. */
    private interface Eye extends AutoCloseable {
        long look(int word);

        @Override
        void close();
    }

    private record ByCpu(MemoryRegion memory) implements Eye {
        @Override
        public long look(int word) {
            return memory.getWord((long) word * Bench.WORD);
        }

        @Override
        public void close() {}
    }

    private static final class ByPeer implements Eye {
        private final MemoryRegion memory;
        private final Connection connection;
        private final Chain chain;

        ByPeer(MemoryRegion memory, Connection connection) {
            this.memory = memory;
            this.connection = connection;
            this.chain = connection.newChain(1);
        }

        @Override
        public long look(int word) {
            chain.clear().readWord(memory.address() + (long) word * Bench.WORD, memory.rkey());
            Bench.execute(connection, chain);
            return chain.word(0);
        }

        @Override
        public void close() {
            chain.close();
        }
    }

    private int observe(Eye eye, boolean cpu) {
        try (eye) {
            int at = 0;
            while (at < CHAINS && wrong.get() == null && !(stop && at >= completed)) {
                boolean over = completed > at;
                if (look(eye, at * ELEMENTS, over, cpu)) {
                    at++;
                    if (cpu) {
                        cpuAt = at;
                    } else {
                        peerAt = at;
                    }
                }
            }
            return at;
        }
    }

    /** Finds the latest element that is there, and then looks for those before it; true when all are. */
    private boolean look(Eye eye, int first, boolean over, boolean cpu) {
        int latest = ELEMENTS - 1;
        while (latest >= 0 && eye.look(first + latest) == 0) {
            latest--;
        }
        for (int i = latest - 1; i >= 0; i--) {
            if (eye.look(first + i) == 0) {
                report((cpu ? "the CPU" : "a second connection") + " saw element " + latest
                        + " of a chain before element " + i);
            }
        }
        if (over && latest < ELEMENTS - 1) {
            report("element " + (latest + 1) + " of a completed chain is not visible to "
                    + (cpu ? "the CPU" : "a second connection"));
        }
        Thread.yield();
        return latest == ELEMENTS - 1;
    }

    private void report(String text) {
        wrong.compareAndSet(null, text);
    }
}
