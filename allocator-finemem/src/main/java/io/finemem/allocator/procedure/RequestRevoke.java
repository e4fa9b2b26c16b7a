package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;

/**
 * Frees a block in strict isolation: asks the memory node to end its rkey and to give its units back, with one chain.
 *
 * <pre>
 *   ([WRITE slot = PENDING, if it says OWNED])  [WRITE ring entry = lap slot units]
 * </pre>
 *
 * The slot covers the block until the ring's head has passed the entry; only then may it be used again (rule R2).
 *
 * <p>If the connection fails, the entry was written or not, and {@link #resume} decides that once the old connection is
 * fenced, by reading its place: nobody else writes a position, and none a turn later before it was done with, so the place
 * shows the lap of the turn before if and only if the entry was not written. It is then written again.
 */
public final class RequestRevoke implements Procedure {
    private enum State {
        POST,
        LOOK,
        REQUESTED,
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private State state = State.REQUESTED;
    private long position;
    private int slot;
    private int units;
    private long promise;

    /** A free that is to be {@linkplain #prepare prepared}. */
    public RequestRevoke(MetadataLayout layout) {
        this.layout = layout;
    }

    /**
     * Starts over.
     *
     * @param slot the block's journal slot, without operations in flight
     * @param units the mask of that slot
     * @param position place in the ring of the slot's segment, this block's alone
     * @param pending what the slot must say before the free if it says OWNED now, or 0
     */
    public RequestRevoke prepare(int slot, int units, long position, long pending) {
        this.slot = slot;
        this.units = units;
        this.position = position;
        this.promise = pending;
        this.state = State.POST;
        return this;
    }

    /** After {@link #lost}, and after the connection that failed was fenced: finds out, and posts again what is missing. */
    public RequestRevoke resume() {
        state = state == State.IN_DOUBT ? State.LOOK : state;
        return this;
    }

    @Override
    public boolean next(WordChain chain) {
        switch (state) {
            case POST -> {
                if (JournalSlot.kind(promise) != JournalSlot.EMPTY) {
                    chain.write(layout.journalSlot(slot), promise);
                }
                int lap = RevokeEntry.lapOf(position, layout.ringEntries());
                chain.write(place(), RevokeEntry.of(lap, slot, units));
            }
            case LOOK -> chain.read(place());
            case REQUESTED, IN_DOUBT -> {
                return false;
            }
        }
        return true;
    }

    private long place() {
        return layout.revokeEntry(layout.segmentOf(slot), position);
    }

    @Override
    public void completed(WordResults results) {
        boolean missing = state == State.LOOK
                && RevokeEntry.lap(results.word(0)) == RevokeEntry.lapBefore(position, layout.ringEntries());
        state = missing ? State.POST : State.REQUESTED;
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.slot(slot);
        sink.number(units);
        sink.position(layout.segmentOf(slot), position);
        sink.number(promise);
    }

    @Override
    public RequestRevoke copy() {
        RequestRevoke copy = new RequestRevoke(layout);
        copy.state = state;
        copy.position = position;
        copy.slot = slot;
        copy.units = units;
        copy.promise = promise;
        return copy;
    }

    /** Whether it is known that the memory node will revoke the block. */
    public boolean requested() {
        return state == State.REQUESTED;
    }
}
