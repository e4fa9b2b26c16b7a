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
 * Only empty, closed spans are taken. A failed CAS brings the current word, from which the next attempt starts. Of several
 * blocks, each of which has a slot of its own, as many are claimed as fit.
 */
public final class ClaimSpans implements Procedure {
    /** Where a claim stands. */
    public enum State {
        /** The next attempt is to be posted. */
        ATTEMPT,
        /** The block is held, or the {@link #blocks} that fit. */
        CLAIMED,
        /** Nothing is held: no aligned run of the section is empty. */
        REFUSED,
        /** The connection failed: held or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.REFUSED;
    private int section;
    private BlockBatch batch;
    private int failedAttempts;
    private long word;
    private long proposal;

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimSpans(MetadataLayout layout) {
        this.layout = layout;
        this.batch = BlockBatch.ofSpans(layout);
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
        return start(section, word);
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
        return start(section, word);
    }

    private ClaimSpans start(int sectionOfBlocks, long knownWord) {
        section = sectionOfBlocks;
        word = knownWord;
        failedAttempts = 0;
        decide();
        return this;
    }

    private void decide() {
        if (!batch.place(SectionDecisions.usedSpans(word), batch.offered())) {
            state = State.REFUSED;
            return;
        }
        proposal = SectionDecisions.taken(word, spanMask());
        state = State.ATTEMPT;
    }

    @Override
    public boolean next(WordChain chain) {
        if (state != State.ATTEMPT) {
            return false;
        }
        batch.write(chain, section);
        chain.compareAndSwap(layout.sectionWord(section), word, proposal);
        batch.read(chain, section);
        return true;
    }

    @Override
    public void completed(WordResults results) {
        int casElement = batch.size();
        long before = results.word(casElement);
        if (before == word) {
            word = proposal;
            batch.keys(results, casElement + 1);
            state = State.CLAIMED;
        } else {
            word = before;
            failedAttempts++;
            decide();
        }
    }

    /** After a failed attempt: the next one starts from the word that claims posted after this one will leave. */
    public void startFrom(long foreseen) {
        word = foreseen;
        decide();
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(section);
        batch.state(sink);
        sink.word(layout.sectionWord(section), word);
    }

    @Override
    public ClaimSpans copy() {
        ClaimSpans copy = new ClaimSpans(layout);
        copy.state = state;
        copy.section = section;
        copy.batch = batch.copy();
        copy.failedAttempts = failedAttempts;
        copy.word = word;
        copy.proposal = proposal;
        return copy;
    }

    /** Where the claim stands. */
    public State state() {
        return state;
    }

    /** The section's word as known now; after a claim, the one that the claim left. */
    public long word() {
        return word;
    }

    /** Blocks that the CAS claimed, or proposed latest. */
    public int blocks() {
        return batch.size();
    }

    /** The word that the next attempt leaves if it succeeds. */
    public long proposal() {
        return proposal;
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

    /** Key of the block, once it is claimed. */
    public int rkey() {
        return rkey(0);
    }

    /** Key of one of the blocks, once they are claimed. */
    public int rkey(int block) {
        return batch.rkey(block);
    }

    /** Compare-and-swaps that found another value. */
    public int failedAttempts() {
        return failedAttempts;
    }
}
