package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.MetadataLayout;

/**
 * Writes journal slots that no other chain is under way for: confirms blocks held (OWNED) and erases stale entries, up to
 * {@link #CAPACITY} in one chain. Harmless to repeat.
 */
public final class WriteSlots implements Procedure {
    /** Slots that one chain writes. */
    public static final int CAPACITY = 32;

    private final MetadataLayout layout;
    private final int[] slots = new int[CAPACITY];
    private final long[] values = new long[CAPACITY];
    private int size;
    private boolean done = true;

    /** Nothing to write yet. */
    public WriteSlots(MetadataLayout layout) {
        this.layout = layout;
    }

    /** Starts over with nothing to write. */
    public WriteSlots prepare() {
        size = 0;
        done = false;
        return this;
    }

    /** One more slot to write; not after the procedure began to run. */
    public void add(int slot, long value) {
        slots[size] = slot;
        values[size++] = value;
    }

    /** Slots to write. */
    public int size() {
        return size;
    }

    @Override
    public boolean next(WordChain chain) {
        if (done || size == 0) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            chain.write(layout.journalSlot(slots[i]), values[i]);
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        done = true;
    }

    /** The same writes may be posted again once the connection is fenced. */
    @Override
    public void lost() {
        done = false;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(done ? 1 : 0);
        for (int i = 0; i < size; i++) {
            sink.slot(slots[i]);
            sink.number(values[i]);
        }
    }

    @Override
    public WriteSlots copy() {
        WriteSlots copy = new WriteSlots(layout);
        System.arraycopy(slots, 0, copy.slots, 0, size);
        System.arraycopy(values, 0, copy.values, 0, size);
        copy.size = size;
        copy.done = done;
        return copy;
    }
}
