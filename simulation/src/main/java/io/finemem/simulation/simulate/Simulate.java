package io.finemem.simulation.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Simulates whole systems by seed: the entry for programs and for people. */
public final class Simulate {
    private static final long STEPS = 8_000;
    private static final long CONTENTION_STEPS = 1_000_000;
    /** Runs of a thread between two looks at the clock. */
    private static final int BATCH = 25;

    private Simulate() {}

    /** Simulates one run; the same seed gives the same run, operation by operation. */
    public static SimulationReport seed(long seed) {
        return seed(seed, Wire.Posting.UNCHANGED);
    }

    static SimulationReport seed(long seed, Wire.Posting posting) {
        SplittableRandom random = new SplittableRandom(seed);
        Knobs knobs = Knobs.draw(random);
        return new Simulation(seed, knobs, random, STEPS, posting).run();
    }

    /**
     * 64 owners allocate and free blocks of 4 KiB on one memory node, without faults; each tries to hold up to 64 blocks.
     *
     * @param sections sections of the memory node: with 8 all blocks wanted just fit
     */
    public static SimulationReport contention(long seed, int sections) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Simulation(seed, Knobs.contention(sections), random, CONTENTION_STEPS, Wire.Posting.UNCHANGED).run();
    }

    /**
     * Simulates many runs.
     *
     * @param first first seed
     * @param count how many, one after the other
     * @param threads runs at the same time
     * @param heard hears of each run, in the order of the seeds
     */
    public static void seeds(long first, int count, int threads, Consumer<SimulationReport> heard) {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<SimulationReport>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long seed = first + i;
                futures.add(executor.submit(() -> seed(seed)));
            }
            for (Future<SimulationReport> future : futures) {
                heard.accept(future.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the simulation was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the simulation failed", e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }

    /**
     * Simulates runs until a time is over.
     *
     * @param first first seed
     * @param nanos after so long no further run begins
     * @param threads runs at the same time
     * @param heard hears of each run, in the order of the seeds
     * @return the first seed that was not simulated: where to go on
     */
    public static long until(long first, long nanos, int threads, Consumer<SimulationReport> heard) {
        long start = System.nanoTime();
        long next = first;
        while (System.nanoTime() - start < nanos) {
            seeds(next, BATCH * threads, threads, heard);
            next += (long) BATCH * threads;
        }
        return next;
    }

    /** Arguments: first seed (0 measures contention instead), and how many; exits with 1 if an invariant broke. */
    public static void main(String[] arguments) {
        long first = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1;
        int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
        if (first == 0) {
            for (int sections = 8; sections >= 3; sections--) {
                System.out.println(contention(1, sections));
            }
            return;
        }
        boolean[] failed = new boolean[1];
        seeds(first, count, 2, report -> {
            if (count == 1 || report.failed()) {
                System.out.println(report);
            }
            failed[0] |= report.failed();
        });
        if (failed[0]) {
            System.exit(1);
        }
    }
}
