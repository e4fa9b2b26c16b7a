package io.finemem.runtime.stress;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** A2 and A3: what counters on shared words must add up to. */
final class AtomicsStress {
    private static final int CONNECTIONS = 4;
    private static final int WORDS = 8;
    private static final int SPINS = 64;
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private AtomicsStress() {}

    /** A2: FETCH_ADDs over several connections; each counts once. */
    static Verdict atMostOnce(Bench bench, int seconds) {
        long posted;
        long counted = 0;
        try (MemoryRegion memory = bench.memory(WORDS)) {
            posted = onConnections(bench, false, seconds, (connection, deadline) -> add(connection, memory, deadline));
            for (int i = 0; i < WORDS; i++) {
                counted += memory.getWord((long) i * Bench.WORD);
            }
        }
        boolean right = counted == posted;
        return new Verdict(
                "A2",
                "an atomic executes at most once, retransmission included",
                "FETCH_ADDs over " + CONNECTIONS
                        + " connections; their sum is compared with how many completed (to have"
                        + " packets retransmitted: tc qdisc add dev DEVICE root netem loss 1%)",
                posted,
                right ? Verdict.Result.HOLDS : Verdict.Result.VIOLATED,
                right ? "all counted once" : posted + " were posted and completed, " + counted + " were counted",
                right ? "" : "update the adapter's firmware or driver: it repeats atomics that it has executed");
    }

    private static long add(Connection connection, MemoryRegion memory, long deadline) {
        Chain chain = connection.newChain(WORDS);
        long posted = 0;
        do {
            chain.clear();
            for (int i = 0; i < WORDS; i++) {
                chain.fetchAdd(memory.address() + (long) i * Bench.WORD, memory.rkey(), 1);
            }
            Bench.execute(connection, chain);
            posted += WORDS;
        } while (System.nanoTime() < deadline);
        return posted;
    }

    /** A3: CAS and FETCH_ADD on one word over several connections and a loop-back one: no update is lost. */
    static Verdict atomicToEachOther(Bench bench, int seconds) {
        long updates;
        long counted;
        try (MemoryRegion memory = bench.memory(1)) {
            updates = onConnections(bench, true, seconds, (connection, deadline) -> mix(connection, memory, deadline));
            counted = memory.getWord(0);
        }
        boolean right = counted == updates;
        return new Verdict(
                "A3",
                "atomics of all connections of one adapter, loop-back included, are atomic to each other",
                "CAS and FETCH_ADD on one word over " + CONNECTIONS + " connections and a loop-back one",
                updates,
                right ? Verdict.Result.HOLDS : Verdict.Result.VIOLATED,
                right ? "no update was lost" : updates + " updates succeeded, the word counts " + counted,
                right
                        ? ""
                        : "use one adapter for all connections of a memory node, and one that reports atomics"
                                + " (ibv_devinfo -v: atomic_cap ATOMIC_HCA or better)");
    }

    private static long mix(Connection connection, MemoryRegion memory, long deadline) {
        Chain chain = connection.newChain(1);
        long updates = 0;
        long expected = 0;
        do {
            if ((updates & 1) == 0) {
                chain.clear().fetchAdd(memory.address(), memory.rkey(), 1);
                Bench.execute(connection, chain);
                expected = chain.word(0) + 1;
                updates++;
            } else {
                chain.clear().compareAndSwap(memory.address(), memory.rkey(), expected, expected + 1);
                Bench.execute(connection, chain);
                long found = chain.word(0);
                updates += found == expected ? 1 : 0;
                expected = found == expected ? found + 1 : found;
            }
        } while (System.nanoTime() < deadline);
        return updates;
    }

    /** Beside A3: whether they are atomic to this CPU as well, which nothing relies on. */
    static Verdict atomicToTheCpu(Bench bench, int seconds) {
        long updates;
        long counted;
        try (Crew crew = new Crew();
                MemoryRegion memory = bench.memory(1);
                Bench.Pair pair = bench.connect()) {
            long deadline = System.nanoTime() + seconds * 1_000_000_000L;
            ByteBuffer word = memory.slice(0, Bench.WORD).order(ByteOrder.nativeOrder());
            Future<Long> cpu = crew.start(() -> addByCpu(word, deadline));
            Chain chain = pair.poster().newChain(1);
            long posted = 0;
            do {
                chain.clear().fetchAdd(memory.address(), memory.rkey(), 1);
                Bench.execute(pair.poster(), chain);
                posted++;
            } while (System.nanoTime() < deadline);
            updates = posted + Crew.await(cpu, seconds);
            counted = memory.getWord(0);
        }
        return new Verdict(
                "A3, CPU",
                "atomics need not be atomic to the CPU: the memory node uses a loop-back connection",
                "FETCH_ADDs by a connection and by the CPU on one word",
                updates,
                Verdict.Result.NOTED,
                counted == updates
                        ? "atomic to the CPU as far as seen"
                        : "not atomic to the CPU: " + (updates - counted) + " updates were lost",
                "");
    }

    private static long addByCpu(ByteBuffer word, long deadline) {
        long done = 0;
        do {
            for (int i = 0; i < SPINS; i++) {
                LONGS.getAndAdd(word, 0, 1L);
            }
            done += SPINS;
            Thread.yield();
        } while (System.nanoTime() < deadline);
        return done;
    }

    /** What one connection does until a deadline; how many updates it made. */
    private interface Work {
        long on(Connection connection, long deadline);
    }

    private static long onConnections(Bench bench, boolean loopBack, int seconds, Work work) {
        List<Bench.Pair> pairs = new ArrayList<>();
        try (Crew crew = new Crew()) {
            for (int i = 0; i < CONNECTIONS; i++) {
                pairs.add(bench.connect());
            }
            if (loopBack) {
                pairs.add(bench.loopBack());
            }
            long deadline = System.nanoTime() + seconds * 1_000_000_000L;
            List<Future<Long>> running = new ArrayList<>();
            for (Bench.Pair pair : pairs) {
                Callable<Long> task = () -> work.on(pair.poster(), deadline);
                running.add(crew.start(task));
            }
            return Crew.awaitAll(running, seconds).stream()
                    .mapToLong(Long::longValue)
                    .sum();
        } finally {
            pairs.forEach(Bench.Pair::close);
        }
    }
}
