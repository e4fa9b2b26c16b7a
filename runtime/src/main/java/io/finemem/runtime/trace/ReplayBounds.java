package io.finemem.runtime.trace;

import io.finemem.api.InvalidRequest;

/**
 * How much of a trace is replayed, and in which pieces.
 *
 * @param maxBlockBytes longer objects are split into blocks of this length; a power of two of chunks
 * @param maxOperations most allocations and frees, those included that free what is live at the end; 2 or more
 * @param maxBytes most bytes allocated in all, each of which is written and read once; 1 or more
 */
public record ReplayBounds(long maxBlockBytes, long maxOperations, long maxBytes) {

    /** Whole traces in blocks of at most that length. */
    public static ReplayBounds none(long maxBlockBytes) {
        return new ReplayBounds(maxBlockBytes, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** Checks the ranges. */
    public ReplayBounds {
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
        if (maxBytes < 1) {
            throw new InvalidRequest("a replay has 1 byte or more", "maxBytes", maxBytes);
        }
    }

    /** The same with another bound of the operations. */
    public ReplayBounds withMaxOperations(long operations) {
        return new ReplayBounds(maxBlockBytes, operations, maxBytes);
    }

    /** The same with another bound of the bytes. */
    public ReplayBounds withMaxBytes(long bytes) {
        return new ReplayBounds(maxBlockBytes, maxOperations, bytes);
    }
}
