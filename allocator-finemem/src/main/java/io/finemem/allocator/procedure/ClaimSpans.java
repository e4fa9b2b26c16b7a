package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;

/**
 * Claims a block of 128 KiB to 2 MiB, whole spans of one section, with one chain per attempt:
 *
 * <pre>
 *   [WRITE slot = PENDING section spans]  [CAS section word: states 00 -> 11]  [READ capability]
 * </pre>
 *
 * Only empty, closed spans are taken. A failed CAS brings the current word, from which the next attempt starts.
 */
public final class ClaimSpans implements Procedure {
    private static final int CAS_ELEMENT = 1;
    private static final int READ_ELEMENT = 2;

    /** Where a claim stands. */
    public enum State {
        /** The next attempt is to be posted. */
        ATTEMPT,
        /** The block is held. */
        CLAIMED,
        /** Nothing is held: no aligned run of the section is empty. */
        REFUSED,
        /** The connection failed: held or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.REFUSED;
    private int section;
    private int spanOrder;
    private int slot;
    private int firstSpan;
    private int failedAttempts;
    private long word;
    private long proposal;
    private int rkey;

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimSpans(MetadataLayout layout) {
        this.layout = layout;
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
        this.section = section;
        this.spanOrder = spanOrder;
        this.slot = slot;
        this.word = word;
        this.failedAttempts = 0;
        this.rkey = 0;
        decide();
        return this;
    }

    private void decide() {
        firstSpan = SectionDecisions.emptyRun(word, spanOrder);
        if (firstSpan == SectionDecisions.NONE) {
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
        chain.write(layout.journalSlot(slot), JournalSlot.pendingSpans(section, spanMask()));
        chain.compareAndSwap(layout.sectionWord(section), word, proposal);
        chain.read(layout.spanCapability(section, node()));
        return true;
    }

    @Override
    public void completed(WordResults results) {
        long before = results.word(CAS_ELEMENT);
        if (before == word) {
            word = proposal;
            rkey = CapabilityWord.rkey(results.word(READ_ELEMENT), node());
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
        sink.number(spanOrder);
        sink.slot(slot);
        sink.number(firstSpan);
        sink.word(layout.sectionWord(section), word);
    }

    @Override
    public ClaimSpans copy() {
        ClaimSpans copy = new ClaimSpans(layout);
        copy.state = state;
        copy.section = section;
        copy.spanOrder = spanOrder;
        copy.slot = slot;
        copy.firstSpan = firstSpan;
        copy.failedAttempts = failedAttempts;
        copy.word = word;
        copy.proposal = proposal;
        copy.rkey = rkey;
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

    /** The word that the next attempt leaves if it succeeds. */
    public long proposal() {
        return proposal;
    }

    /** Position of the block's first span in the section. */
    public int firstSpan() {
        return firstSpan;
    }

    /** Spans of the block. */
    public int spanMask() {
        return Geometry.spanMask(firstSpan, spanOrder);
    }

    /** Key of the block, once it is claimed. */
    public int rkey() {
        return rkey;
    }

    /** Compare-and-swaps that found another value. */
    public int failedAttempts() {
        return failedAttempts;
    }

    private int node() {
        return CapabilityWord.spanNode(firstSpan, spanOrder);
    }
}
