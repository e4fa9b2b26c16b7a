package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;

/**
 * Opens an empty span for chunks and claims the first block in it, or the first ones of one size, with two chains:
 *
 * <pre>
 *   1  [WRITE transition slot = TRANSITION span]  [CAS section word: state 00 -> 01]  [READ header]
 *   2  [WRITE claim slot = PENDING span mask]  [CAS header: closed, empty -> open, mask]  [READ capability]
 *      as in {@link ClaimChunks} for several
 * </pre>
 *
 * The READ brings the header's version, so that chain 2 normally succeeds at once. The chains are not joined: if the first CAS fails because the span was taken whole, the second would still execute and open
 * it (rule R7). Chain 2 can fail only because the expected version was stale, since nobody else opens a span in transition
 * (rule N); it is repeated with the value found. The transition slot may be reused when the procedure is finished, not
 * before (rule R6).
 */
public final class OpenSpan implements Procedure {
    private static final int SECTION_CAS_ELEMENT = 1;
    private static final int HEADER_READ_ELEMENT = 2;

    /** Where an opening stands. */
    public enum State {
        /** The section word is to be changed. */
        SECTION,
        /** The header is to be changed. */
        HEADER,
        /** The span is open and the block is held. */
        OPENED,
        /** The span was not empty any more; {@link OpenSpan#sectionWord()} is the current word. */
        REFUSED,
        /** The connection failed: open or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.REFUSED;
    private int span;
    private int transitionSlot;
    private BlockBatch batch;
    private int failedAttempts;
    private long sectionWord;
    private long header;

    /** An opening that is to be {@linkplain #prepare prepared}. */
    public OpenSpan(MetadataLayout layout) {
        this.layout = layout;
        this.batch = BlockBatch.ofChunks(layout);
    }

    /**
     * Starts over.
     *
     * @param span span to open
     * @param order log2 of chunks of the block to claim, 0 to 4
     * @param transitionSlot free journal slot for the transition
     * @param claimSlot another free journal slot for the block
     * @param sectionWord the section's word as known; may be stale
     */
    public OpenSpan prepare(int span, int order, int transitionSlot, int claimSlot, long sectionWord) {
        batch.prepare(order, claimSlot);
        return start(span, transitionSlot, sectionWord);
    }

    /**
     * Starts over, for several blocks.
     *
     * @param span span to open
     * @param order log2 of chunks of each block to claim, 0 to 4
     * @param transitionSlot free journal slot for the transition
     * @param claimSlots other free journal slots; the first ones are taken by the blocks claimed
     * @param count blocks to claim, as far as there is room; 1 to the chunks of a span
     * @param sectionWord the section's word as known; may be stale
     */
    public OpenSpan prepare(int span, int order, int transitionSlot, int[] claimSlots, int count, long sectionWord) {
        batch.prepare(order, claimSlots, count);
        return start(span, transitionSlot, sectionWord);
    }

    private OpenSpan start(int spanToOpen, int slotOfTransition, long knownSectionWord) {
        batch.place(0, batch.offered());
        span = spanToOpen;
        transitionSlot = slotOfTransition;
        sectionWord = knownSectionWord;
        failedAttempts = 0;
        state = openable() ? State.SECTION : State.REFUSED;
        return this;
    }

    @Override
    public boolean next(WordChain chain) {
        switch (state) {
            case SECTION -> {
                chain.write(layout.journalSlot(transitionSlot), JournalSlot.transition(span));
                chain.compareAndSwap(
                        layout.sectionWord(section()),
                        sectionWord,
                        SectionDecisions.opened(sectionWord, Geometry.spanInSection(span)));
                chain.read(layout.spanHeader(span));
                return true;
            }
            case HEADER -> {
                batch.write(chain, span);
                chain.compareAndSwap(layout.spanHeader(span), header, SpanDecisions.opened(header, mask()));
                batch.read(chain, span);
                return true;
            }
            case OPENED, REFUSED, IN_DOUBT -> {
                return false;
            }
        }
        throw new AssertionError(state);
    }

    @Override
    public void completed(WordResults results) {
        if (state == State.SECTION) {
            sectionCompleted(results.word(SECTION_CAS_ELEMENT), results.word(HEADER_READ_ELEMENT));
        } else {
            headerCompleted(results.word(batch.size()), results);
        }
    }

    private void sectionCompleted(long before, long headerRead) {
        if (before == sectionWord) {
            header = closedAndEmpty(headerRead);
            sectionWord = SectionDecisions.opened(sectionWord, Geometry.spanInSection(span));
            state = State.HEADER;
            return;
        }
        sectionWord = before;
        failedAttempts++;
        // Another span of the section changed: this one may still be empty.
        state = openable() ? State.SECTION : State.REFUSED;
    }

    private void headerCompleted(long before, WordResults results) {
        if (before == header) {
            header = SpanDecisions.opened(header, mask());
            batch.keys(results, batch.size() + 1);
            state = State.OPENED;
            return;
        }
        if (SpanHeader.open(before) || SpanHeader.map(before) != 0) {
            throw new ProtocolViolation(
                    "a span was in use while it was being opened: the metadata is corrupted",
                    "span",
                    span,
                    "header",
                    SpanHeader.toString(before));
        }
        header = before;
        failedAttempts++;
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
        batch.state(sink);
        sink.word(layout.sectionWord(section()), state == State.SECTION ? sectionWord : 0);
        sink.word(layout.spanHeader(span), state == State.HEADER ? header : 0);
    }

    @Override
    public OpenSpan copy() {
        OpenSpan copy = new OpenSpan(layout);
        copy.state = state;
        copy.span = span;
        copy.transitionSlot = transitionSlot;
        copy.batch = batch.copy();
        copy.failedAttempts = failedAttempts;
        copy.sectionWord = sectionWord;
        copy.header = header;
        return copy;
    }

    /** Where the opening stands. */
    public State state() {
        return state;
    }

    /** The section's word as known now. */
    public long sectionWord() {
        return sectionWord;
    }

    /** The header that the opening left. */
    public long header() {
        return header;
    }

    /** Blocks that the opening claims. */
    public int blocks() {
        return batch.size();
    }

    /** First chunk of one of the blocks. */
    public int chunk(int block) {
        return batch.first(block);
    }

    /** Chunks of the blocks: the first ones of the span. */
    public int mask() {
        return batch.mask();
    }

    /** Key of the block, once the span is open. */
    public int rkey() {
        return rkey(0);
    }

    /** Key of one of the blocks, once the span is open. */
    public int rkey(int block) {
        return batch.rkey(block);
    }

    /** Compare-and-swaps that found another value. */
    public int failedAttempts() {
        return failedAttempts;
    }

    /** A READ beside the CAS may be older than it: what is not that of an empty span is stale, but for the version. */
    private static long closedAndEmpty(long header) {
        return SpanHeader.withOpen(SpanHeader.withMap(header, 0), false);
    }

    private int section() {
        return Geometry.sectionOf(span);
    }

    private boolean openable() {
        return SectionDecisions.openable(sectionWord, Geometry.spanInSection(span));
    }
}
