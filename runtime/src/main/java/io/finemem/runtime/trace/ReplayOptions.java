package io.finemem.runtime.trace;

import io.finemem.api.InvalidRequest;

/**
 * How a trace is replayed.
 *
 * @param owner number of the replaying party, in every word that it writes; 1 to 4095, different for those that share a pool
 * @param maxBlockBytes longer objects are split into blocks of this length; a power of two of chunks
 * @param maxOperations the replay stops where allocations and frees, those at the end included, would exceed it
 * @param speed how many times faster than it was recorded, or 0 for as fast as possible
 */
public record ReplayOptions(int owner, long maxBlockBytes, long maxOperations, double speed) {

    /** Everything, as fast as possible, in blocks of at most 64 KiB. */
    public static ReplayOptions of(int owner) {
        return new ReplayOptions(owner, 64 * 1024, Long.MAX_VALUE, 0);
    }

    /** Checks the ranges. */
    public ReplayOptions {
        if (owner < 1 || owner > BlockPattern.MAX_OWNER) {
            throw new InvalidRequest("an owner is numbered 1 to " + BlockPattern.MAX_OWNER, "owner", owner);
        }
        if (Long.bitCount(maxBlockBytes) != 1
                || maxBlockBytes < TraceEvent.PAGE_BYTES
                || maxBlockBytes > BlockPattern.MAX_BLOCK_BYTES) {
            throw new InvalidRequest(
                    "blocks are split at a power of two from " + TraceEvent.PAGE_BYTES + " to "
                            + BlockPattern.MAX_BLOCK_BYTES + " bytes",
                    "maxBlockBytes",
                    maxBlockBytes);
        }
        if (maxOperations < 2) {
            throw new InvalidRequest("a replay has 2 operations or more", "maxOperations", maxOperations);
        }
        if (!(speed >= 0 && speed < Double.POSITIVE_INFINITY)) {
            throw new InvalidRequest("the speed is 0 (as fast as possible) or more", "speed", speed);
        }
    }

    /** The same with another longest block. */
    public ReplayOptions withMaxBlockBytes(long bytes) {
        return new ReplayOptions(owner, bytes, maxOperations, speed);
    }

    /** The same with another bound. */
    public ReplayOptions withMaxOperations(long operations) {
        return new ReplayOptions(owner, maxBlockBytes, operations, speed);
    }

    /** The same at another speed. */
    public ReplayOptions withSpeed(double factor) {
        return new ReplayOptions(owner, maxBlockBytes, maxOperations, factor);
    }
}
