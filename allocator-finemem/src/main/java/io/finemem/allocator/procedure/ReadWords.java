package io.finemem.allocator.procedure;

/** Reads up to {@link #CAPACITY} words that need not be neighbours, in one chain. Harmless to repeat. */
public final class ReadWords implements Procedure {
    /** Words that one chain reads. */
    public static final int CAPACITY = 32;

    private final long[] offsets = new long[CAPACITY];
    private final long[] values = new long[CAPACITY];
    private int size;
    private boolean done = true;

    /** Nothing to read yet. */
    public ReadWords() {}

    /** Starts over with nothing to read. */
    public ReadWords prepare() {
        size = 0;
        done = false;
        return this;
    }

    /** One more word to read; not after the procedure began to run. */
    public void add(long offset) {
        offsets[size++] = offset;
    }

    /** Words to read, or read. */
    public int size() {
        return size;
    }

    /** A word, in the order in which they were added. */
    public long value(int index) {
        return values[index];
    }

    @Override
    public boolean next(WordChain chain) {
        if (done || size == 0) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            chain.read(offsets[i]);
        }
        return true;
    }

    @Override
    public void completed(WordResults results) {
        for (int i = 0; i < size; i++) {
            values[i] = results.word(i);
        }
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
            sink.number(offsets[i]);
            sink.word(offsets[i], values[i]);
        }
    }

    @Override
    public ReadWords copy() {
        ReadWords copy = new ReadWords();
        System.arraycopy(offsets, 0, copy.offsets, 0, size);
        System.arraycopy(values, 0, copy.values, 0, size);
        copy.size = size;
        copy.done = done;
        return copy;
    }
}
