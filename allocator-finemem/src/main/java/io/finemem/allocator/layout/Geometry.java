package io.finemem.allocator.layout;

/**
 * How the heap is cut: sections of 2 MiB, of 16 spans of 128 KiB, of 32 chunks of 4 KiB. Indices count from the start of the
 * heap.
 */
public final class Geometry {
    /** log2 of the bytes of a chunk. */
    public static final int CHUNK_SHIFT = 12;
    /** log2 of the chunks of a span. */
    public static final int CHUNKS_PER_SPAN_SHIFT = 5;
    /** log2 of the spans of a section. */
    public static final int SPANS_PER_SECTION_SHIFT = 4;

    /** Bytes of a chunk. */
    public static final int CHUNK_BYTES = 1 << CHUNK_SHIFT;
    /** Chunks of a span. */
    public static final int CHUNKS_PER_SPAN = 1 << CHUNKS_PER_SPAN_SHIFT;
    /** Spans of a section. */
    public static final int SPANS_PER_SECTION = 1 << SPANS_PER_SECTION_SHIFT;
    /** Bytes of a span. */
    public static final int SPAN_BYTES = CHUNK_BYTES << CHUNKS_PER_SPAN_SHIFT;
    /** Bytes of a section. */
    public static final int SECTION_BYTES = SPAN_BYTES << SPANS_PER_SECTION_SHIFT;
    /** Chunks of a section. */
    public static final int CHUNKS_PER_SECTION = CHUNKS_PER_SPAN << SPANS_PER_SECTION_SHIFT;

    /** log2 of the chunks of the largest block inside a span: 64 KiB. */
    public static final int MAX_CHUNK_ORDER = CHUNKS_PER_SPAN_SHIFT - 1;

    /** log2 of the chunks of a span: from this order on a block takes whole spans. */
    public static final int SPAN_ORDER = CHUNKS_PER_SPAN_SHIFT;
    /** log2 of the chunks of a section: the largest block that is not a run of sections. */
    public static final int SECTION_ORDER = CHUNKS_PER_SPAN_SHIFT + SPANS_PER_SECTION_SHIFT;

    private Geometry() {}

    /** Section of a span. */
    public static int sectionOf(int span) {
        return span >>> SPANS_PER_SECTION_SHIFT;
    }

    /** Position of a span in its section, 0 to 15. */
    public static int spanInSection(int span) {
        return span & (SPANS_PER_SECTION - 1);
    }

    /** Index of a span from its section and its position there. */
    public static int spanOf(int section, int spanInSection) {
        return (section << SPANS_PER_SECTION_SHIFT) + spanInSection;
    }

    /** Bytes from the start of the heap to a chunk of a span. */
    public static long heapOffset(int span, int chunk) {
        return ((long) span << (CHUNKS_PER_SPAN_SHIFT + CHUNK_SHIFT)) + ((long) chunk << CHUNK_SHIFT);
    }

    /** Smallest order, log2 of chunks, whose block holds that many bytes (1 or more). */
    public static int orderOf(long bytes) {
        long chunks = (bytes + CHUNK_BYTES - 1) >>> CHUNK_SHIFT;
        return Long.SIZE - Long.numberOfLeadingZeros(chunks - 1);
    }

    /** Blocks of an order that one word can give: chunks of a span, spans of a section, or one run of sections. */
    public static int blocksOfWord(int order) {
        int units = order < SPAN_ORDER ? CHUNKS_PER_SPAN_SHIFT : SECTION_ORDER;
        return order > SECTION_ORDER ? 1 : 1 << units - order;
    }

    /** Sections that hold that many bytes (1 or more). */
    public static long sectionsOf(long bytes) {
        return (bytes + SECTION_BYTES - 1) / SECTION_BYTES;
    }

    /** Span mask of a block of {@code 2^spanOrder} spans at its first span in the section. */
    public static int spanMask(int spanInSection, int spanOrder) {
        return (1 << (1 << spanOrder)) - 1 << spanInSection;
    }

    /** Chunk mask of a block of an order at its first chunk; the order must be below that of a span. */
    public static int mask(int chunk, int order) {
        return (int) ((1L << (1 << order)) - 1) << chunk;
    }
}
