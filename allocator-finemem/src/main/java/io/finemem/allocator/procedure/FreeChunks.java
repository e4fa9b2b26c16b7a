package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.ProtocolViolation;

/**
 * Frees a block inside a span in direct mode, with one chain and without retry:
 *
 * <pre>
 *   ([WRITE slot = PENDING, if it says OWNED])  [FETCH_ADD header: clears mask, version + 1]
 * </pre>
 *
 * A promise is withdrawn before the free (rule R3). After the completion the slot is free; its stale entry is harmless.
 */
public final class FreeChunks implements Procedure {
    private enum State {
        POST,
        FREED,
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.FREED;
    private int span;
    private int mask;
    private int slot;
    private boolean confirmed;
    private long header;

    /** A free that is to be {@linkplain #prepare prepared}. */
    public FreeChunks(MetadataLayout layout) {
        this.layout = layout;
    }

    /**
     * Starts over.
     *
     * @param mask chunks that the owner holds; the caller has checked that
     * @param slot the block's journal slot, without operations in flight
     * @param confirmed whether the slot says OWNED
     */
    public FreeChunks prepare(int span, int mask, int slot, boolean confirmed) {
        this.span = span;
        this.mask = mask;
        this.slot = slot;
        this.confirmed = confirmed;
        this.header = 0;
        this.state = State.POST;
        return this;
    }

    @Override
    public boolean next(WordChain chain) {
        if (state != State.POST) {
            return false;
        }
        if (confirmed) {
            chain.write(layout.journalSlot(slot), JournalSlot.pendingChunks(span, mask));
        }
        chain.fetchAdd(layout.spanHeader(span), SpanHeader.freeAddend(mask));
        return true;
    }

    @Override
    public void completed(WordResults results) {
        long before = results.word(confirmed ? 1 : 0);
        if ((SpanHeader.map(before) & mask) != mask) {
            throw new ProtocolViolation(
                    "a freed chunk was not in use: the metadata is corrupted",
                    "span",
                    span,
                    "mask",
                    Integer.toHexString(mask),
                    "header",
                    SpanHeader.toString(before));
        }
        header = before + SpanHeader.freeAddend(mask);
        state = State.FREED;
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(span);
        sink.number(mask);
        sink.slot(slot);
        sink.number(confirmed ? 1 : 0);
    }

    @Override
    public FreeChunks copy() {
        FreeChunks copy = new FreeChunks(layout);
        copy.state = state;
        copy.span = span;
        copy.mask = mask;
        copy.slot = slot;
        copy.confirmed = confirmed;
        copy.header = header;
        return copy;
    }

    /** Whether it is known that the block is free. */
    public boolean freed() {
        return state == State.FREED;
    }

    /** The header that the free left. */
    public long header() {
        return header;
    }
}
