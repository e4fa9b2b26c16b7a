package io.finemem.allocator.search;

/** Open spans in which a worker looks for room first, latest first. Used by the thread that holds the worker. */
public final class WorkingSpans {
    private static final int CAPACITY = 256;

    private final int[] spans = new int[CAPACITY];
    private final long[] members;
    private int size;

    /** None yet; spans are 0 up to {@code spansOfPool}. */
    public WorkingSpans(int spansOfPool) {
        this.members = new long[(spansOfPool + Long.SIZE - 1) / Long.SIZE];
    }

    /** How many there are. */
    public int size() {
        return size;
    }

    /** One of them, 0 the oldest. */
    public int get(int index) {
        return spans[index];
    }

    /** Adds a span as the latest; if there is no room the oldest is forgotten, which loses a shortcut and nothing else. */
    public void add(int span) {
        if (contains(span)) {
            return;
        }
        if (size == CAPACITY) {
            removeAt(0);
        }
        spans[size++] = span;
        members[span / Long.SIZE] |= 1L << span;
    }

    /** Forgets the span at a position. */
    public void removeAt(int index) {
        int span = spans[index];
        members[span / Long.SIZE] &= ~(1L << span);
        size--;
        System.arraycopy(spans, index + 1, spans, index, size - index);
    }

    /** Forgets a span, if it is there. */
    public void remove(int span) {
        for (int i = 0; i < size; i++) {
            if (spans[i] == span) {
                removeAt(i);
                return;
            }
        }
    }

    /** Whether a span is there. */
    public boolean contains(int span) {
        return (members[span / Long.SIZE] & 1L << span) != 0;
    }
}
