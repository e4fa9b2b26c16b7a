package io.finemem.allocator.control;

import io.finemem.allocator.layout.Geometry;
import java.util.List;

/**
 * How a memory node's pool is used, as read from its metadata while owners may go on working.
 *
 * @param pool the pool; its key is not part of the report's text
 * @param heapBytes bytes that can be allocated
 * @param metadataBytes bytes of metadata beside them
 * @param emptySpans spans that are empty and closed
 * @param openSpans spans open for chunks
 * @param takenSpans spans taken whole by blocks of 128 KiB and more
 * @param contendedSpans open spans whose latest claims met others
 * @param usedChunks chunks of 4 KiB in use, whole spans included
 * @param largestFreeBytes largest block that could be allocated now, open spans that are empty not counted
 * @param owners the owners, by id
 */
public record PoolReport(
        PoolDescription pool,
        long heapBytes,
        long metadataBytes,
        int emptySpans,
        int openSpans,
        int takenSpans,
        int contendedSpans,
        long usedChunks,
        long largestFreeBytes,
        List<OwnerReport> owners) {

    /** Takes a copy of the list. */
    public PoolReport {
        owners = List.copyOf(owners);
    }

    /** Bytes in use. */
    public long usedBytes() {
        return usedChunks * Geometry.CHUNK_BYTES;
    }

    /**
     * Share of the free memory that the largest block cannot get: 1 - largest / free; 0 if nothing is free.
     */
    public double fragmentation() {
        long free = heapBytes - usedBytes();
        return free == 0 ? 0 : 1 - (double) largestFreeBytes / free;
    }
}
