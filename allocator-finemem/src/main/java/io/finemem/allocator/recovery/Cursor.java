package io.finemem.allocator.recovery;

import io.finemem.allocator.procedure.StateSink;

/** How far a phase of the resolution has come, and what each element of the chain under way stands for. */
final class Cursor {
    private static final int BATCH = 32;

    private final int[] meanings = new int[BATCH];
    private int position;
    private int segment;
    private int size;

    /** A phase begins. */
    void restart() {
        position = 0;
        segment = 0;
        size = 0;
    }

    /** A chain begins. */
    void beginChain() {
        size = 0;
    }

    boolean hasRoomFor(int elements) {
        return size + elements <= BATCH;
    }

    /** The next element of the chain stands for this. */
    void add(int meaning) {
        meanings[size++] = meaning;
    }

    int size() {
        return size;
    }

    int meaning(int element) {
        return meanings[element];
    }

    int position() {
        return position;
    }

    void advance() {
        position++;
    }

    /** Segment of the journal in which the position is, where a phase goes by segments. */
    int segment() {
        return segment;
    }

    void nextSegment() {
        segment++;
        position = 0;
    }

    Cursor copy() {
        Cursor copy = new Cursor();
        System.arraycopy(meanings, 0, copy.meanings, 0, size);
        copy.position = position;
        copy.segment = segment;
        copy.size = size;
        return copy;
    }

    void state(StateSink sink) {
        sink.number(position);
        sink.number(segment);
        sink.number(size);
        for (int i = 0; i < size; i++) {
            sink.number(meanings[i]);
        }
    }
}
