package io.finemem.allocator.decision;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.SpanHeader;

/** What may be done with a span, and what its header becomes. */
public final class SpanDecisions {
    /** There is no free run. */
    public static final int NONE = -1;

    /** Bits at multiples of 2^order, by order. */
    private static final int[] ALIGNED = {0xffff_ffff, 0x5555_5555, 0x1111_1111, 0x0101_0101, 0x0001_0001, 0x0000_0001};

    private SpanDecisions() {}

    /**
     * First chunk of the lowest free run that a block of an order can take.
     *
     * @param map chunks in use
     * @param order log2 of chunks, 0 to 5
     * @return chunk 0 to 31, a multiple of 2^order, or {@link #NONE}
     */
    public static int freeRun(int map, int order) {
        int free = ~map;
        for (int i = 0; i < order; i++) {
            free &= free >>> (1 << i);
        }
        free &= ALIGNED[order];
        return free == 0 ? NONE : Integer.numberOfTrailingZeros(free);
    }

    /** Whether a block of an order may be claimed: only in an open span (rule O). */
    public static boolean claimable(long header, int order) {
        return SpanHeader.open(header) && freeRun(SpanHeader.map(header), order) != NONE;
    }

    /** How many blocks of an order fit into a map. */
    public static int runs(int map, int order) {
        int free = ~map;
        for (int i = 0; i < order; i++) {
            free &= free >>> (1 << i);
        }
        return Integer.bitCount(free & ALIGNED[order]);
    }

    /** Header after a claim of free chunks. */
    public static long claimed(long header, int mask, int contention) {
        return SpanHeader.nextVersion(
                SpanHeader.withContention(SpanHeader.withMap(header, SpanHeader.map(header) | mask), contention));
    }

    /** Header of a closed, empty span after it was opened with its first chunks claimed; the mask may be 0. */
    public static long opened(long header, int mask) {
        return SpanHeader.nextVersion(
                SpanHeader.withOpen(SpanHeader.withContention(SpanHeader.withMap(header, mask), 0), true));
    }

    /** Whether the span may be closed: open and empty. */
    public static boolean closable(long header) {
        return SpanHeader.open(header) && SpanHeader.map(header) == 0;
    }

    /** Header of an open, empty span after it was closed. */
    public static long closed(long header) {
        return SpanHeader.nextVersion(SpanHeader.withOpen(header, false));
    }

    /** Header after a free of chunks in use, as the fetch-and-add leaves it. */
    public static long freed(long header, int mask) {
        return header + SpanHeader.freeAddend(mask);
    }

    /** Largest order, 0 to 5, that still fits, or {@link #NONE} if the span is full. */
    public static int largestFreeOrder(int map) {
        for (int order = Geometry.CHUNKS_PER_SPAN_SHIFT; order >= 0; order--) {
            if (freeRun(map, order) != NONE) {
                return order;
            }
        }
        return NONE;
    }
}
