package io.finemem.allocator.owner;

/** A few spans that frees left empty, to be closed later if they are surplus. Used by one thread at a time. */
final class Surplus {
    private static final int CAPACITY = 16;

    private final int[] spans = new int[CAPACITY];
    private int count;

    /** Notes a span; when there is no room it is forgotten, and stays open. */
    void add(int span) {
        for (int i = 0; i < count; i++) {
            if (spans[i] == span) {
                return;
            }
        }
        if (count < CAPACITY) {
            spans[count++] = span;
        }
    }

    /** Whether it is time to look at them. */
    boolean many() {
        return count >= CAPACITY / 2;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** One of them, which is not noted any more. */
    int take() {
        return spans[--count];
    }
}
