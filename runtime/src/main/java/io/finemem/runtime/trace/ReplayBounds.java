package io.finemem.runtime.trace;

import io.finemem.api.InvalidRequest;

/**
 * How much of a trace is replayed, and in which pieces.
 *
 * @param maxObjectBytes longer objects are left out; 4096 or more
 * @param maxBlockBytes longer objects are split into blocks of this length; a power of two of chunks
 * @param maxOperations most allocations and frees, those included that free what is live at the end; 2 or more
 */
public record ReplayBounds(long maxObjectBytes, long maxBlockBytes, long maxOperations) {

    /** Whole traces in blocks of at most that length. */
    public static ReplayBounds none(long maxBlockBytes) {
        return new ReplayBounds(Long.MAX_VALUE, maxBlockBytes, Long.MAX_VALUE);
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
        if (maxObjectBytes < TraceEvent.PAGE_BYTES) {
            throw new InvalidRequest("no object is that short", "maxObjectBytes", maxObjectBytes);
        }
    }

    /** Longest block; fits, because {@link #maxBlockBytes} is bounded. */
    int blockBytes() {
        return (int) maxBlockBytes;
    }

    /** The same with another bound of the operations. */
    public ReplayBounds withMaxOperations(long operations) {
        return new ReplayBounds(maxObjectBytes, maxBlockBytes, operations);
    }

    /** The same without longer objects. */
    public ReplayBounds withMaxObjectBytes(long bytes) {
        return new ReplayBounds(bytes, maxBlockBytes, maxOperations);
    }
}
