package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;

/**
 * Takes entries of a revoke ring back that the memory node has not come to, because one before them was never written: their
 * places say again what they said a turn before. The owner's successor does that, when nobody else writes into the ring. Harmless
 * to repeat.
 */
public final class WithdrawRevokes implements Procedure {
    /** Entries that one chain takes back. */
    public static final int CAPACITY = 32;

    private final MetadataLayout layout;
    private final int segment;
    private final long[] positions = new long[CAPACITY];
    private int size;
    private boolean done;

    /** Nothing to take back yet. */
    public WithdrawRevokes(MetadataLayout layout, int segment) {
        this.layout = layout;
        this.segment = segment;
    }

    /** Starts over with nothing to take back. */
    public WithdrawRevokes prepare() {
        size = 0;
        done = false;
        return this;
    }

    /** One more position; not after the procedure began to run. */
    public void add(long position) {
        positions[size++] = position;
    }

    /** Entries to take back. */
    public int size() {
        return size;
    }

    @Override
    public boolean next(WordChain chain) {
        if (done || size == 0) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            int lap = RevokeEntry.lapBefore(positions[i], layout.ringEntries());
            chain.write(layout.revokeEntry(segment, positions[i]), lap == 0 ? 0 : RevokeEntry.of(lap, 0, 0));
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        done = true;
    }

    @Override
    public void lost() {
        done = false;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(done ? 1 : 0);
        sink.number(size);
        for (int i = 0; i < size; i++) {
            sink.position(segment, positions[i]);
        }
    }

    @Override
    public WithdrawRevokes copy() {
        WithdrawRevokes copy = new WithdrawRevokes(layout, segment);
        System.arraycopy(positions, 0, copy.positions, 0, size);
        copy.size = size;
        copy.done = done;
        return copy;
    }
}
