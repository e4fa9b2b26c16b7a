package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.ProtocolViolation;

/**
 * Closes an open, empty span, with two chains:
 *
 * <pre>
 *   1  [WRITE transition slot = TRANSITION span]  [CAS header: open, map 0 -> closed]
 *   2  [CAS section word: state 01 or 10 -> 00], repeated with the value found
 * </pre>
 *
 * Chain 1 compares the whole header, so a claim in between makes it fail and the closing is dropped (rule R8). Chain 2 can
 * fail only because other spans of the section, or the hint of this one, changed.
 */
public final class CloseSpan implements Procedure {
    private static final int HEADER_CAS_ELEMENT = 1;
    private static final int SECTION_CAS_ELEMENT = 0;

    /** Where a closing stands. */
    public enum State {
        /** The header is to be changed. */
        HEADER,
        /** The section word is to be changed. */
        SECTION,
        /** The span is empty and closed. */
        CLOSED,
        /** Somebody claimed chunks meanwhile. */
        REFUSED,
        /** The connection failed: closed or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.REFUSED;
    private int span;
    private int transitionSlot;
    private long header;
    private long sectionWord;

    /** A closing that is to be {@linkplain #prepare prepared}. */
    public CloseSpan(MetadataLayout layout) {
        this.layout = layout;
    }

    /**
     * Starts over.
     *
     * @param span span to close
     * @param transitionSlot free journal slot for the transition
     * @param header the span's header as known exactly, such as a free left it
     * @param sectionWord the section's word as known; may be stale
     */
    public CloseSpan prepare(int span, int transitionSlot, long header, long sectionWord) {
        this.span = span;
        this.transitionSlot = transitionSlot;
        this.header = header;
        this.sectionWord = sectionWord;
        this.state = SpanDecisions.closable(header) ? State.HEADER : State.REFUSED;
        return this;
    }

    @Override
    public boolean next(WordChain chain) {
        switch (state) {
            case HEADER -> {
                chain.write(layout.journalSlot(transitionSlot), JournalSlot.transition(span));
                chain.compareAndSwap(layout.spanHeader(span), header, SpanDecisions.closed(header));
                return true;
            }
            case SECTION -> {
                chain.compareAndSwap(
                        layout.sectionWord(Geometry.sectionOf(span)),
                        sectionWord,
                        SectionDecisions.closed(sectionWord, Geometry.spanInSection(span)));
                return true;
            }
            case CLOSED, REFUSED, IN_DOUBT -> {
                return false;
            }
        }
        throw new AssertionError(state);
    }

    @Override
    public void completed(WordResults results) {
        if (state == State.HEADER) {
            headerCompleted(results.word(HEADER_CAS_ELEMENT));
        } else {
            sectionCompleted(results.word(SECTION_CAS_ELEMENT));
        }
    }

    private void headerCompleted(long before) {
        if (before == header) {
            header = SpanDecisions.closed(header);
            state = State.SECTION;
        } else {
            header = before;
            state = State.REFUSED;
        }
    }

    private void sectionCompleted(long before) {
        if (before == sectionWord) {
            sectionWord = SectionDecisions.closed(sectionWord, Geometry.spanInSection(span));
            state = State.CLOSED;
            return;
        }
        if (!SectionDecisions.open(before, Geometry.spanInSection(span))) {
            throw new ProtocolViolation(
                    "a span in transition was changed by somebody else: the metadata is corrupted", "span", span);
        }
        sectionWord = before;
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(span);
        sink.slot(transitionSlot);
        sink.word(layout.spanHeader(span), state == State.HEADER ? header : 0);
        sink.word(layout.sectionWord(Geometry.sectionOf(span)), sectionWord);
    }

    @Override
    public CloseSpan copy() {
        CloseSpan copy = new CloseSpan(layout);
        copy.state = state;
        copy.span = span;
        copy.transitionSlot = transitionSlot;
        copy.header = header;
        copy.sectionWord = sectionWord;
        return copy;
    }

    /** Where the closing stands. */
    public State state() {
        return state;
    }

    /** The span's header as known now. */
    public long header() {
        return header;
    }

    /** The section's word as known now. */
    public long sectionWord() {
        return sectionWord;
    }
}
