package io.finemem.runtime.soak;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidRequest;
import io.finemem.runtime.trace.BlockPattern;
import java.time.Duration;

/**
 * What a kill loop shall do.
 *
 * @param seed of all that is random: the moments are those of real processes, so a seed does not repeat a run
 * @param isolation of the pool
 * @param poolBytes bytes of the pool, a multiple of 2 MiB
 * @param kills owners to kill, 1 or more
 * @param stops processes to stop for longer than the lease, spread over the run
 * @param processes owner processes at a time, 2 or more
 * @param ownersPerProcess owners in each, killed together; 1 or more
 * @param spares processes that are started ahead and take the place of a killed one at once
 * @param checkEvery kills between two complete checks
 * @param maxBlockBytes longest block
 * @param paceMicros pause of an owner after each step, so that processes can start on a machine with one processor
 * @param lease of an owner; a process that the machine does not let run for that long is taken for dead
 */
public record SoakOptions(
        long seed,
        Isolation isolation,
        long poolBytes,
        int kills,
        int stops,
        int processes,
        int ownersPerProcess,
        int spares,
        int checkEvery,
        long maxBlockBytes,
        int paceMicros,
        Duration lease) {
    private static final long MIB = 1 << 20;

    /** Checks the ranges. */
    public SoakOptions {
        require("--kills", kills, 1, Integer.MAX_VALUE);
        require("--stops", stops, 0, kills);
        require("--processes", processes, 2, 32);
        require("--owners-per-process", ownersPerProcess, 1, 16);
        require("--spares", spares, 0, 16);
        require("--check-every", checkEvery, 1, Integer.MAX_VALUE);
        require("--max-block", maxBlockBytes, 1, Math.min(poolBytes / 4, BlockPattern.MAX_BLOCK_BYTES));
        require("pace", paceMicros, 0, 1_000_000);
        require("--kills", kills + (processes + spares + 1L) * ownersPerProcess, 1, BlockPattern.MAX_OWNER);
    }

    private static void require(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InvalidRequest(
                    option + " " + value + " is not valid here: it must be " + least + " to " + most, option, value);
        }
    }

    /** For a machine with few processors: 4 processes of two owners, a check after every tenth kill. */
    public static SoakOptions of(long seed, Isolation isolation, int kills) {
        return new SoakOptions(
                seed, isolation, 64 * MIB, kills, kills / 40, 4, 2, 2, 10, 2 * MIB, 0, Duration.ofSeconds(3));
    }

    /**
     * For soft-RoCE in a guest, where a process takes seconds to start, and many more under load: two owners per process,
     * all processes started ahead as far as memory goes, small blocks.
     */
    public static SoakOptions inGuest(long seed, Isolation isolation, int kills) {
        return new SoakOptions(
                seed, isolation, 16 * MIB, kills, 1, 2, 2, 1, 4, 128 * 1024, 3000, Duration.ofSeconds(6));
    }

    /** Owners that work at a time. */
    int owners() {
        return processes * ownersPerProcess;
    }
}
