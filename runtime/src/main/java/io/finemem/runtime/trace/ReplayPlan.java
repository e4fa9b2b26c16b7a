package io.finemem.runtime.trace;

/**
 * The part of a trace that is replayed, and what it takes. Objects longer than a block are split.
 *
 * @param trace the trace, without the objects that are left out
 * @param bounds what was asked for
 * @param recordedEvents events of the whole trace
 * @param events events that are replayed, from the first one
 * @param operations allocations and frees of blocks, those included that free what is live at the end
 * @param peakBytes most bytes in blocks at a time, each block rounded up as the allocator does it
 */
public record ReplayPlan(
        AllocationTrace trace, ReplayBounds bounds, int recordedEvents, int events, long operations, long peakBytes) {
    private static final long SECTION_BYTES = 2L << 20;

    /** The longest part of a trace that stays within bounds. */
    public static ReplayPlan of(AllocationTrace whole, ReplayBounds bounds) {
        AllocationTrace trace = whole.withObjectsUpTo(bounds.maxObjectBytes());
        int blockBytes = bounds.blockBytes();
        int events = 0;
        long operations = 0;
        long live = 0;
        long peak = 0;
        for (TraceEvent event : trace.events()) {
            long bytes = bytesInBlocks(event.bytes(), blockBytes);
            if (event.kind() == TraceEvent.Kind.FREE) {
                live -= bytes;
            } else {
                long more = 2 * blocks(event.bytes(), blockBytes);
                if (operations + more > bounds.maxOperations()) {
                    break;
                }
                operations += more;
                live += bytes;
            }
            events++;
            peak = Math.max(peak, live);
        }
        return new ReplayPlan(trace, bounds, whole.events().size(), events, operations, peak);
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
