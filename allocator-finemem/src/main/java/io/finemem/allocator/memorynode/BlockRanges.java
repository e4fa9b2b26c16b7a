package io.finemem.allocator.memorynode;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;

/**
 * Every block that can be, by number: one per buddy node of a span (62: 4 to 64 KiB) and of a section (31: 128 KiB to 2 MiB), 1023
 * per section. First come the nodes of all spans, then those of all sections; some numbers are no block's.
 */
final class BlockRanges {
    static final int SPAN_NODES = CapabilityWord.NODES_PER_SPAN;
    static final int SECTION_NODES = CapabilityWord.NODES_PER_SECTION;
    /** Node 1 of a span is a node of its section, node 0 is none. */
    static final int FIRST_SPAN_NODE = 2;

    static final int FIRST_SECTION_NODE = 1;
    static final int BLOCKS_PER_SECTION =
            Geometry.SPANS_PER_SECTION * (SPAN_NODES - FIRST_SPAN_NODE) + SECTION_NODES - FIRST_SECTION_NODE;

    private final MetadataLayout layout;

    BlockRanges(MetadataLayout layout) {
        this.layout = layout;
    }

    /** Numbers, from 0. */
    int count() {
        return layout.spans() * SPAN_NODES + layout.sections() * SECTION_NODES;
    }

    int ofSpan(int span, int node) {
        return span * SPAN_NODES + node;
    }

    int ofSection(int section, int node) {
        return layout.spans() * SPAN_NODES + section * SECTION_NODES + node;
    }

    static int orderOf(int node, int leafDepth) {
        return leafDepth - (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(node));
    }

    private boolean isOfSpan(int index) {
        return index < layout.spans() * SPAN_NODES;
    }

    private int sectionOf(int index) {
        return (index - layout.spans() * SPAN_NODES) / SECTION_NODES;
    }

    int nodeOf(int index) {
        return index % (isOfSpan(index) ? SPAN_NODES : SECTION_NODES);
    }

    /** Where its rkey stands in the metadata. */
    long capability(int index) {
        return isOfSpan(index)
                ? layout.capability(index / SPAN_NODES, nodeOf(index))
                : layout.spanCapability(sectionOf(index), nodeOf(index));
    }

    private int order(int index) {
        return orderOf(
                nodeOf(index), isOfSpan(index) ? Geometry.CHUNKS_PER_SPAN_SHIFT : Geometry.SPANS_PER_SECTION_SHIFT);
    }

    /** Where it begins in the heap. */
    long offset(int index) {
        int first = nodeOf(index) << order(index);
        if (isOfSpan(index)) {
            return Geometry.heapOffset(index / SPAN_NODES, first - Geometry.CHUNKS_PER_SPAN);
        }
        return Geometry.heapOffset(Geometry.spanOf(sectionOf(index), first - Geometry.SPANS_PER_SECTION), 0);
    }

    /** Bytes. */
    long length(int index) {
        return (long) (isOfSpan(index) ? Geometry.CHUNK_BYTES : Geometry.SPAN_BYTES) << order(index);
    }
}
