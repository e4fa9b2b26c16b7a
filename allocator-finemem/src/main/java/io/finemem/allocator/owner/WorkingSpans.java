package io.finemem.allocator.owner;

/** Open spans in which a worker looks for room first, latest first. Used by the thread that holds the worker. */
final class WorkingSpans {
    private static final int CAPACITY = 256;

    private final int[] spans = new int[CAPACITY];
    private final long[] members;
    private int size;

    WorkingSpans(int spansOfPool) {
        this.members = new long[(spansOfPool + Long.SIZE - 1) / Long.SIZE];
    }

    int size() {
        return size;
    }

    int get(int index) {
        return spans[index];
    }

    /** Adds a span as the latest; if there is no room the oldest is forgotten, which loses a shortcut and nothing else. */
    void add(int span) {
        if (contains(span)) {
            return;
        }
        if (size == CAPACITY) {
            removeAt(0);
        }
        spans[size++] = span;
        members[span / Long.SIZE] |= 1L << span;
    }

    void removeAt(int index) {
        int span = spans[index];
        members[span / Long.SIZE] &= ~(1L << span);
        size--;
        System.arraycopy(spans, index + 1, spans, index, size - index);
    }

    void remove(int span) {
        for (int i = 0; i < size; i++) {
            if (spans[i] == span) {
                removeAt(i);
                return;
            }
        }
    }

    boolean contains(int span) {
        return (members[span / Long.SIZE] & 1L << span) != 0;
    }
}
