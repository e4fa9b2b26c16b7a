package io.finemem.simulation.simulate;

import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What a run is like. Probabilities are per chance: per chain, per heartbeat, per step of the resolver. Times are
 * nanoseconds.
 *
 * @param nodes memory nodes
 * @param owners owners, each with slots at every memory node
 * @param workers workers of each owner
 * @param sections sections of each memory node
 * @param slots journal slots of a segment: blocks and transitions that an owner can have at a memory node
 * @param delay mean one-way delay
 * @param lease after so long without a heartbeat an owner is taken for dead
 * @param stuck a chain is executed late, up to 20 leases
 * @param loss a connection fails while a chain is under way
 * @param crash an owner dies, per heartbeat
 * @param pause an owner stands still for longer than its lease, per heartbeat
 * @param restart the resolver stops and begins again, per step
 * @param fill share of its slots that an owner tries to have in use
 * @param sizes which sizes: bit 0 to 4 blocks of 2^i chunks, bit 5 of spans, bit 6 of sections
 * @param requests requests of each worker before it ends
 * @param strict whether every block has an rkey of its own, ended by the memory node when the block is freed
 * @param lag mean time between two sweeps of the revoke rings
 * @param bindFailure a binding of a window, or another operation of a sweep, fails
 * @param beatLoss a heartbeat is lost, with its answer
 * @param partition no heartbeat gets through for up to 3 leases, per heartbeat
 * @param skew owners' clocks are faster or slower by up to this share
 */
record Knobs(
        int nodes,
        int owners,
        int workers,
        int sections,
        int slots,
        long delay,
        long lease,
        double stuck,
        double loss,
        double crash,
        double pause,
        double restart,
        double fill,
        int sizes,
        int requests,
        boolean strict,
        long lag,
        double bindFailure,
        double beatLoss,
        double partition,
        double skew) {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;
    private static final int[] OWNERS = {2, 3, 4, 8, 16, 64};
    /** One run of so many fills its pools to the last chunk. */
    private static final int CROWDED = 8;

    private static final int LARGE_CHUNKS = 0b11000;
    private static final int MORE_THAN_FIT = 80;
    private static final int[] SIZES = {0b1, 0b1, 0b11111, 0b110001, 0b1111111, 0b100000, 0b10000};

    /** Draws a run. Of the faults each is left out by half of the runs. */
    static Knobs draw(SplittableRandom random) {
        int owners = OWNERS[random.nextInt(OWNERS.length)];
        boolean crowded = random.nextInt(CROWDED) == 0;
        return new Knobs(
                1 + random.nextInt(3),
                owners,
                1 + random.nextInt(2),
                crowded ? 1 : 1 + random.nextInt(4),
                crowded ? Math.max(16, MORE_THAN_FIT / owners) : 4 + random.nextInt(13),
                random.nextLong(1, 10) * MICRO << random.nextInt(6),
                10 * MILLI,
                sometimes(random, 0.05),
                sometimes(random, 0.05),
                sometimes(random, 0.02),
                sometimes(random, 0.03),
                sometimes(random, 0.02),
                crowded ? 1 : 0.2 + random.nextDouble() * 0.8,
                crowded ? LARGE_CHUNKS : SIZES[random.nextInt(SIZES.length)],
                Math.max(8, 800 / owners),
                random.nextBoolean(),
                random.nextLong(20, 2_000) * MICRO,
                sometimes(random, 0.02),
                sometimes(random, 0.3),
                sometimes(random, 0.03),
                sometimes(random, 0.3));
    }

    private static double sometimes(SplittableRandom random, double most) {
        double drawn = random.nextDouble() * most;
        return random.nextBoolean() ? drawn : 0;
    }

    /** 64 owners of one worker on one memory node, blocks of 4 KiB, nothing goes wrong, half of the requests free. */
    static Knobs contention(int sections) {
        return new Knobs(
                1,
                64,
                1,
                sections,
                128,
                2 * MICRO,
                1_000 * MILLI,
                0,
                0,
                0,
                0,
                0,
                0.5,
                0b1,
                2_000,
                false,
                1,
                0,
                0,
                0,
                0);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d nodes of %d sections, %d owners of %d workers and %d slots, delay %d us, stuck %.3f loss %.3f"
                        + " crash %.3f pause %.3f restart %.3f, fill %.2f, sizes %s, %s, sweeps every %d us, bind failures"
                        + " %.3f, beats lost %.3f, partitions %.3f, skew %.2f",
                nodes,
                sections,
                owners,
                workers,
                slots,
                delay / MICRO,
                stuck,
                loss,
                crash,
                pause,
                restart,
                fill,
                Integer.toBinaryString(sizes),
                strict ? "strict" : "direct",
                lag / MICRO,
                bindFailure,
                beatLoss,
                partition,
                skew);
    }
}
