package io.finemem.allocator.owner;

import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;

/** Where a claimed block lies; reused by a worker so that a claim creates no garbage. */
final class Placement {
    private int type;
    private int unit;
    private int mask;
    private int sections;
    private long heapOffset;
    private long length;
    private int slot;
    private int rkey;
    private int[] sectionRkeys = HeldBlock.ONE_RKEY;
    private int version;

    /** Chunks of a span. */
    void chunks(int span, int chunk, int order, int slot, int rkey, int version) {
        this.type = JournalSlot.CHUNKS;
        this.unit = span;
        this.mask = Geometry.mask(chunk, order);
        this.sections = 0;
        this.heapOffset = Geometry.heapOffset(span, chunk);
        this.length = (long) Geometry.CHUNK_BYTES << order;
        claimed(slot, rkey, version);
    }

    /** Spans of a section. */
    void spans(int section, int span, int spanOrder, int slot, int rkey, int version) {
        this.type = JournalSlot.SPANS;
        this.unit = section;
        this.mask = Geometry.spanMask(span, spanOrder);
        this.sections = 1;
        this.heapOffset = Geometry.heapOffset(Geometry.spanOf(section, span), 0);
        this.length = (long) Geometry.SPAN_BYTES << spanOrder;
        claimed(slot, rkey, version);
    }

    /** Whole sections; with an rkey each, or with one for all and no others. */
    void sections(int first, int count, int slot, int rkey, int[] rkeys, int version) {
        this.type = JournalSlot.SECTIONS;
        this.unit = first;
        this.mask = (1 << Geometry.SPANS_PER_SECTION) - 1;
        this.sections = count;
        this.heapOffset = Geometry.heapOffset(Geometry.spanOf(first, 0), 0);
        this.length = (long) Geometry.SECTION_BYTES * count;
        claimed(slot, rkey, version);
        this.sectionRkeys = rkeys;
    }

    private void claimed(int slotOfBlock, int rkeyOfBlock, int versionOfWord) {
        this.slot = slotOfBlock;
        this.rkey = rkeyOfBlock;
        this.version = versionOfWord;
        this.sectionRkeys = HeldBlock.ONE_RKEY;
    }

    /** What its journal slot says. */
    long pendingEntry() {
        return switch (type) {
            case JournalSlot.CHUNKS -> JournalSlot.pendingChunks(unit, mask);
            case JournalSlot.SPANS -> JournalSlot.pendingSpans(unit, mask);
            default -> JournalSlot.pendingSections(unit, sections);
        };
    }

    /** {@link JournalSlot#CHUNKS}, {@link JournalSlot#SPANS} or {@link JournalSlot#SECTIONS}. */
    int type() {
        return type;
    }

    /** Span, section, or first section. */
    int unit() {
        return unit;
    }

    /** Chunks of the span, or spans of each section. */
    int mask() {
        return mask;
    }

    /** Sections that the block touches as whole spans; 0 if it is made of chunks. */
    int sections() {
        return sections;
    }

    long heapOffset() {
        return heapOffset;
    }

    long length() {
        return length;
    }

    int slot() {
        return slot;
    }

    int rkey() {
        return rkey;
    }

    /** The rkeys of a run of sections where they differ, else empty. */
    int[] sectionRkeys() {
        return sectionRkeys;
    }

    /** Version of the word that the claim left. */
    int version() {
        return version;
    }
}
