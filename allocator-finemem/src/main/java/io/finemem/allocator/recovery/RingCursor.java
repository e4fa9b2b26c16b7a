package io.finemem.allocator.recovery;

import io.finemem.allocator.procedure.StateSink;

/** How far a batch has read one revoke ring. */
final class RingCursor {
    private final int segment;
    private final long first;
    private final boolean acknowledge;
    private long next;
    private boolean ended;
    private boolean violated;

    RingCursor(int segment, long position, boolean acknowledge) {
        this.segment = segment;
        this.first = position;
        this.next = position;
        this.acknowledge = acknowledge;
    }

    int segment() {
        return segment;
    }

    boolean acknowledge() {
        return acknowledge;
    }

    /** Position of the first entry that is not in the batch. */
    long next() {
        return next;
    }

    /** Whether there may be more entries. */
    boolean readable() {
        return !ended;
    }

    boolean moved() {
        return next != first;
    }

    boolean violated() {
        return violated;
    }

    /** The entry of the next position is in the batch. */
    long take() {
        return next++;
    }

    /** The next entry is not written yet. */
    void end() {
        ended = true;
    }

    /** The next entry is false. */
    void violate() {
        ended = true;
        violated = true;
    }

    /** An entry of the batch is false: it and those behind it are not in the batch. */
    void violate(long position) {
        violate();
        next = Math.min(next, position);
    }

    void state(StateSink sink) {
        sink.number(segment);
        sink.position(segment, first);
        sink.position(segment, next);
        sink.number((acknowledge ? 1 : 0) | (ended ? 2 : 0) | (violated ? 4 : 0));
    }

    RingCursor copy() {
        RingCursor copy = new RingCursor(segment, first, acknowledge);
        copy.next = next;
        copy.ended = ended;
        copy.violated = violated;
        return copy;
    }
}
