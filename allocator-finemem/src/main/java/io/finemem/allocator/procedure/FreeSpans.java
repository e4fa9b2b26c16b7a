package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.api.ProtocolViolation;

/**
 * Frees a block of whole spans, of one section or of several, in direct mode and without retry:
 *
 * <pre>
 *   ([WRITE slot = PENDING, if it says OWNED])  [FETCH_ADD section word: states 11 -> 00] per section
 * </pre>
 *
 * One chain up to {@link #SECTIONS_PER_CHAIN} sections, one more per that many. The slot names the block until the last
 * section was freed.
 */
public final class FreeSpans implements Procedure {
    /** Most sections that one chain frees. */
    public static final int SECTIONS_PER_CHAIN = 32;

    private enum State {
        POST,
        FREED,
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.FREED;
    private int first;
    private int count;
    private int spanMask;
    private int slot;
    private long promise;
    private int done;
    private int inChain;
    private long[] words = new long[SECTIONS_PER_CHAIN];

    /** A free that is to be {@linkplain #prepare prepared}. */
    public FreeSpans(MetadataLayout layout) {
        this.layout = layout;
    }

    /**
     * Starts over.
     *
     * @param first section of the block, or its first one
     * @param count sections of the block
     * @param spanMask spans of the block in each section; the caller has checked that the owner holds them
     * @param slot the block's journal slot, without operations in flight
     * @param pending what the slot must say before the free if it says OWNED now, or 0
     */
    public FreeSpans prepare(int first, int count, int spanMask, int slot, long pending) {
        this.first = first;
        this.count = count;
        this.spanMask = spanMask;
        this.slot = slot;
        this.promise = pending;
        this.done = 0;
        if (words.length < count) {
            words = new long[count];
        }
        this.state = State.POST;
        return this;
    }

    @Override
    public boolean next(WordChain chain) {
        if (state != State.POST) {
            return false;
        }
        if (withdraws()) {
            chain.write(layout.journalSlot(slot), promise);
        }
        inChain = Math.min(SECTIONS_PER_CHAIN, count - done);
        for (int i = 0; i < inChain; i++) {
            chain.fetchAdd(layout.sectionWord(first + done + i), SectionWord.freeAddend(spanMask));
        }
        return true;
    }

    private boolean withdraws() {
        return JournalSlot.kind(promise) != JournalSlot.EMPTY && done == 0;
    }

    @Override
    public void completed(WordResults results) {
        int firstElement = withdraws() ? 1 : 0;
        for (int i = 0; i < inChain; i++) {
            long before = results.word(firstElement + i);
            if ((SectionWord.takenSpans(before) & spanMask) != spanMask) {
                throw new ProtocolViolation(
                        "a freed span was not taken: the metadata is corrupted",
                        "section",
                        first + done + i,
                        "mask",
                        Integer.toHexString(spanMask),
                        "word",
                        SectionWord.toString(before));
            }
            words[done + i] = SectionDecisions.freed(before, spanMask);
        }
        done += inChain;
        state = done == count ? State.FREED : State.POST;
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(first);
        sink.number(count);
        sink.number(spanMask);
        sink.slot(slot);
        sink.number(promise);
        sink.number(done);
        sink.number(inChain);
    }

    @Override
    public FreeSpans copy() {
        FreeSpans copy = new FreeSpans(layout);
        copy.state = state;
        copy.first = first;
        copy.count = count;
        copy.spanMask = spanMask;
        copy.slot = slot;
        copy.promise = promise;
        copy.done = done;
        copy.inChain = inChain;
        copy.words = words.clone();
        return copy;
    }

    /** Whether it is known that the block is free. */
    public boolean freed() {
        return state == State.FREED;
    }

    /** The word that the free left in a section of the block. */
    public long word(int index) {
        return words[index];
    }
}
