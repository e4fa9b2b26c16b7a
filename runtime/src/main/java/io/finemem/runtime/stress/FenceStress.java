package io.finemem.runtime.stress;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.MemoryRegion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A4. A peer posts FETCH_ADDs and WRITEs as fast as it can; its connection is destroyed on this side; from then on the words
 * must stay as they are, however long one looks, while the peer goes on as long as it is let.
 */
final class FenceStress {
    private static final int LEAST_ROUNDS = 3;
    private static final int IN_FLIGHT = 8;
    private static final int ROUNDS_WATCHED = 32;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Bench bench;
    private volatile long acknowledged;
    private volatile boolean stop;

    /** What a round left behind. */
    private record Frozen(MemoryRegion memory, long added, long written) {
        boolean changed() {
            return memory.getWord(0) != added || memory.getWord(Bench.WORD) != written;
        }
    }

    private FenceStress(Bench bench) {
        this.bench = bench;
    }

    static Verdict run(Bench bench, int seconds) {
        return new FenceStress(bench).run(seconds);
    }

    private Verdict run(int seconds) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Deque<Frozen> rounds = new ArrayDeque<>();
        long operations = 0;
        int done = 0;
        boolean late = false;
        try (Crew crew = new Crew()) {
            while (!late && (done < LEAST_ROUNDS || System.nanoTime() < deadline)) {
                late = round(crew, rounds, done % 2 == 0);
                operations += 2 * acknowledged;
                done++;
                late |= rounds.stream().anyMatch(Frozen::changed);
                if (rounds.size() > ROUNDS_WATCHED) {
                    rounds.remove().memory().close();
                }
            }
        } finally {
            rounds.forEach(round -> round.memory().close());
        }
        return new Verdict(
                "A4",
                "after a connection was destroyed nothing that was posted on it executes, and all before is visible",
                done + " connections destroyed while their peers posted; the words are compared then and later",
                operations,
                late ? Verdict.Result.VIOLATED : Verdict.Result.HOLDS,
                late ? "an operation was executed after its connection was destroyed" : "nothing changed afterwards",
                late ? "do not use this device: a crashed owner could still write into memory of others" : "");
    }

    /** Whether something changed after the connection was destroyed. */
    private boolean round(Crew crew, Deque<Frozen> rounds, boolean fence) {
        MemoryRegion memory = bench.memory(2);
        acknowledged = 0;
        stop = false;
        Bench.Pair pair = bench.connect();
        Future<Long> peer = crew.start(() -> post(pair.poster(), memory));
        try {
            while (acknowledged < IN_FLIGHT && !peer.isDone()) {
                Thread.yield();
            }
            if (fence) {
                pair.server().fence(Bench.PATIENCE.toNanos());
            } else {
                pair.server().close();
            }
            Frozen frozen = new Frozen(memory, memory.getWord(0), memory.getWord(Bench.WORD));
            rounds.add(frozen);
            boolean late = frozen.added() < acknowledged;
            long until = System.nanoTime() + LOOK_NANOS;
            while (!late && System.nanoTime() < until) {
                late = frozen.changed();
                Thread.yield();
            }
            return late;
        } finally {
            stop = true;
            Crew.await(peer, 0);
            pair.close();
        }
    }

    /** Posts until it is refused, or told to stop. */
    private long post(Connection connection, MemoryRegion memory) {
        long posted = 0;
        try {
            for (int i = 0; i < IN_FLIGHT; i++) {
                submit(connection, connection.newChain(2), memory, posted++);
            }
            while (!stop) {
                Chain done = connection.poll();
                if (done == null) {
                    Thread.onSpinWait();
                } else if (done.status() == CompletionStatus.SUCCESS) {
                    acknowledged = acknowledged + 1;
                    submit(connection, done.clear(), memory, posted++);
                } else {
                    return posted;
                }
            }
        } catch (FineMemException refused) {
            return posted; // by the destroyed connection, as it should be
        }
        return posted;
    }

    private static void submit(Connection connection, Chain chain, MemoryRegion memory, long number) {
        chain.writeWord(memory.address() + Bench.WORD, memory.rkey(), number + 1);
        chain.fetchAdd(memory.address(), memory.rkey(), 1);
        connection.submit(chain);
    }
}
