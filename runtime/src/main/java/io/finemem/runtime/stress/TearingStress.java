package io.finemem.runtime.stress;

import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import java.util.List;
import java.util.concurrent.Future;

/** Not assumed, but good to know: a word that is written alternately as all zeros and all ones; anything else that is seen is torn. */
final class TearingStress {
    private static final long ZEROS = 0;
    private static final long ONES = -1;

    private TearingStress() {}

    static Verdict run(Bench bench, int seconds) {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        long writes = 0;
        long cpu;
        long peer;
        try (Crew crew = new Crew();
                MemoryRegion memory = bench.memory(1);
                Bench.Pair writer = bench.connect();
                Bench.Pair reader = bench.connect()) {
            List<Future<Long>> observers = List.of(
                    crew.start(() -> tornToCpu(memory, deadline)),
                    crew.start(() -> tornToPeer(memory, reader.poster(), deadline)));
            Chain chain = writer.poster().newChain(2);
            do {
                chain.clear().writeWord(memory.address(), memory.rkey(), ONES);
                chain.writeWord(memory.address(), memory.rkey(), ZEROS);
                Bench.execute(writer.poster(), chain);
                writes += 2;
            } while (System.nanoTime() < deadline);
            cpu = Crew.await(observers.get(0), seconds);
            peer = Crew.await(observers.get(1), seconds);
        }
        boolean torn = cpu + peer > 0;
        return new Verdict(
                "words",
                "an aligned 8-byte WRITE is seen whole or not at all",
                "WRITEs of all ones and all zeros to one word; CPU and a second connection look for anything else",
                writes,
                torn ? Verdict.Result.NOTED : Verdict.Result.HOLDS,
                torn
                        ? "torn words were seen: " + cpu + " by the CPU, " + peer
                                + " by a second connection; the allocator does not rely on whole words"
                        : "never seen torn",
                torn ? "applications on this device must not rely on whole words either: use atomics" : "");
    }

    private static long tornToCpu(MemoryRegion memory, long deadline) {
        long torn = 0;
        while (System.nanoTime() < deadline) {
            torn += isTorn(memory.getWord(0)) ? 1 : 0;
        }
        return torn;
    }

    private static long tornToPeer(MemoryRegion memory, Connection connection, long deadline) {
        Chain chain = connection.newChain(1);
        long torn = 0;
        while (System.nanoTime() < deadline) {
            chain.clear().readWord(memory.address(), memory.rkey());
            Bench.execute(connection, chain);
            torn += isTorn(chain.word(0)) ? 1 : 0;
        }
        return torn;
    }

    private static boolean isTorn(long word) {
        return word != ZEROS && word != ONES;
    }
}
