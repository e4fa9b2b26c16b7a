package io.finemem.runtime.trace.strace;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory that one call made usable. Later calls may give it back piece by piece; each piece that goes at once becomes
 * one object of the trace, so that the trace has whole objects only.
 */
final class Allocation implements Moment {
    private final long micros;
    private final long bytes;
    private final TreeMap<Long, Piece> releasedByOffset = new TreeMap<>();

    /**
     * A part of an allocation.
     *
     * @param release the call that gave it back, or null if none did
     */
    record Piece(long offset, long bytes, @Nullable Release release) {
        long end() {
            return offset + bytes;
        }
    }

    Allocation(long micros, long bytes) {
        this.micros = micros;
        this.bytes = bytes;
    }

    @Override
    public long micros() {
        return micros;
    }

    /** A part goes; parts that go in the same call and touch each other are one. */
    void release(long offset, long length, Release release) {
        Piece piece = new Piece(offset, length, release);
        var before = releasedByOffset.floorEntry(offset);
        if (before != null && before.getValue().end() > offset) {
            throw new IllegalStateException("released twice: offset " + offset + " of an allocation of " + bytes);
        }
        if (before != null
                && before.getValue().end() == offset
                && before.getValue().release() == release) {
            piece = new Piece(before.getKey(), before.getValue().bytes() + length, release);
        }
        releasedByOffset.put(piece.offset(), piece);
    }

    /** All parts in order of their offsets; what was never given back is between the others. */
    List<Piece> pieces() {
        List<Piece> pieces = new ArrayList<>();
        long position = 0;
        for (Piece released : releasedByOffset.values()) {
            if (released.offset() > position) {
                pieces.add(new Piece(position, released.offset() - position, null));
            }
            pieces.add(released);
            position = released.end();
        }
        if (position < bytes) {
            pieces.add(new Piece(position, bytes - position, null));
        }
        return pieces;
    }
}
