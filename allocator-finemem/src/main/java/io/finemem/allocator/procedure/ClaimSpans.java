package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.MetadataLayout;

/**
 * Claims a block of 128 KiB to 2 MiB, whole spans of one section, or several of one size, with one chain per attempt:
 *
 * <pre>
 *   [WRITE slot = PENDING section spans] per block  [CAS section word: states 00 -> 11]  [READ capability] per pair of rkeys
 * </pre>
 *
 * Only empty, closed spans are taken. The claim is refused when no aligned run of the section is empty.
 */
public final class ClaimSpans extends ClaimBlocks {

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimSpans(MetadataLayout layout) {
        this(layout, BlockBatch.ofSpans(layout));
    }

    private ClaimSpans(MetadataLayout layout, BlockBatch batch) {
        super(layout, batch);
    }

    /**
     * Starts over.
     *
     * @param section where to claim
     * @param spanOrder log2 of spans, 0 to 4
     * @param slot free journal slot of the owner without operations in flight
     * @param word the section's word as known; may be stale
     */
    public ClaimSpans prepare(int section, int spanOrder, int slot, long word) {
        batch.prepare(spanOrder, slot);
        start(section, word);
        return this;
    }

    /**
     * Starts over, for several blocks.
     *
     * @param section where to claim
     * @param spanOrder log2 of spans of each, 0 to 4
     * @param slots free journal slots of the owner without operations in flight; the first ones are taken by the blocks claimed
     * @param count blocks to claim, as far as there is room; 1 to the spans of a section
     * @param word the section's word as known; may be stale
     */
    public ClaimSpans prepare(int section, int spanOrder, int[] slots, int count, long word) {
        batch.prepare(spanOrder, slots, count);
        start(section, word);
        return this;
    }

    @Override
    void decide() {
        if (batch.place(SectionDecisions.usedSpans(word), batch.offered())) {
            attempt(SectionDecisions.taken(word, batch.mask()));
        } else {
            refuse();
        }
    }

    @Override
    long address() {
        return layout.sectionWord(container);
    }

    /** After a failed attempt: the next one starts from the word that claims posted after this one will leave. */
    public void startFrom(long foreseen) {
        word = foreseen;
        decide();
    }

    @Override
    public ClaimSpans copy() {
        ClaimSpans copy = new ClaimSpans(layout, batch.copy());
        copy.standAs(this);
        return copy;
    }

    /** The section's word as known now; after a claim, the one that the claim left. */
    public long word() {
        return word;
    }

    /** Position of the block's first span in the section. */
    public int firstSpan() {
        return firstSpan(0);
    }

    /** Position of the first span of one of the blocks. */
    public int firstSpan(int block) {
        return batch.first(block);
    }

    /** Spans of the block, or of all. */
    public int spanMask() {
        return batch.mask();
    }
}
