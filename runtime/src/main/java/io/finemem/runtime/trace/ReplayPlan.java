package io.finemem.runtime.trace;

/**
 * The part of a trace that is replayed, and what it takes. Objects longer than a block are split.
 *
 * @param trace the trace
 * @param blockBytes longest block; a power of two of chunks
 * @param events events that are replayed, from the first one
 * @param operations allocations and frees of blocks, those included that free what is live at the end
 * @param peakBytes most bytes in blocks at a time, each block rounded up as the allocator does it
 */
public record ReplayPlan(AllocationTrace trace, int blockBytes, int events, long operations, long peakBytes) {
    private static final long SECTION_BYTES = 2L << 20;

    /** The longest part of a trace that stays within bounds. */
    public static ReplayPlan of(AllocationTrace trace, ReplayBounds bounds) {
        int blockBytes = (int) bounds.maxBlockBytes();
        int events = 0;
        long operations = 0;
        long allocated = 0;
        long live = 0;
        long peak = 0;
        for (TraceEvent event : trace.events()) {
            long bytes = bytesInBlocks(event.bytes(), blockBytes);
            if (event.kind() == TraceEvent.Kind.FREE) {
                live -= bytes;
            } else {
                long more = 2 * blocks(event.bytes(), blockBytes);
                if (operations + more > bounds.maxOperations() || bytes > bounds.maxBytes() - allocated) {
                    break;
                }
                operations += more;
                allocated += bytes;
                live += bytes;
            }
            events++;
            peak = Math.max(peak, live);
        }
        return new ReplayPlan(trace, blockBytes, events, operations, peak);
    }

    private static long blocks(long bytes, int blockBytes) {
        return (bytes + blockBytes - 1) / blockBytes;
    }

    private static long bytesInBlocks(long bytes, int blockBytes) {
        long rest = bytes % blockBytes;
        return bytes - rest + (rest == 0 ? 0 : blockLength(rest));
    }

    /** See {@link io.finemem.api.RemoteBlock#length()}. */
    private static long blockLength(long bytes) {
        return bytes > SECTION_BYTES
                ? (bytes + SECTION_BYTES - 1) / SECTION_BYTES * SECTION_BYTES
                : Long.highestOneBit(2 * bytes - 1);
    }
}
