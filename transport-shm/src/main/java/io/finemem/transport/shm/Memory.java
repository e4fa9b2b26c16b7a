package io.finemem.transport.shm;

import io.finemem.api.InvalidRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * Bytes of any length, in segments that each are one buffer. Offsets are from the first byte and are checked by the callers.
 * Aligned words never cross a segment.
 */
final class Memory {
    /** Longest segment of allocated and mapped memory: 1 GiB. A registered buffer is one segment. */
    private static final int SEGMENT_SHIFT = 30;

    private static final int SINGLE_SEGMENT_SHIFT = 31;

    /** Copies are cut into pieces of this size, so that they do not delay a safepoint. */
    private static final int PIECE_BYTES = 1 << 20;

    /** Up to this size a loop over words is as fast as a bulk copy. */
    private static final int FEW_BYTES = 64;

    private final ByteBuffer[] segments;
    private final int shift;
    private final long indexMask;
    private final int misalignment;

    private Memory(ByteBuffer[] segments, int shift) {
        this.segments = segments;
        this.shift = shift;
        this.indexMask = (1L << shift) - 1;
        this.misalignment = segments[0].alignmentOffset(0, SharedWord.BYTES);
    }

    /** Maps a file that has at least so many bytes, rounded up to words. */
    static Memory map(FileChannel file, long bytes) throws IOException {
        ByteBuffer[] segments = new ByteBuffer[segments(bytes)];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = file.map(FileChannel.MapMode.READ_WRITE, (long) i << SEGMENT_SHIFT, segmentBytes(i, bytes))
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        return new Memory(segments, SEGMENT_SHIFT);
    }

    /** Zeroed memory outside the heap, freed when it is not reachable any more. */
    static Memory direct(long bytes) {
        ByteBuffer[] segments = new ByteBuffer[segments(bytes)];
        for (int i = 0; i < segments.length; i++) {
            int length = segmentBytes(i, bytes);
            segments[i] = ByteBuffer.allocateDirect(length + SharedWord.BYTES)
                    .alignedSlice(SharedWord.BYTES)
                    .slice(0, length)
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
        return new Memory(segments, SEGMENT_SHIFT);
    }

    /** The bytes between position and limit of a direct buffer. */
    static Memory of(ByteBuffer buffer) {
        return new Memory(new ByteBuffer[] {buffer.slice().order(ByteOrder.LITTLE_ENDIAN)}, SINGLE_SEGMENT_SHIFT);
    }

    private static int segments(long bytes) {
        return Math.toIntExact((bytes + (1L << SEGMENT_SHIFT) - 1) >>> SEGMENT_SHIFT);
    }

    private static int segmentBytes(int segment, long bytes) {
        long left = bytes - ((long) segment << SEGMENT_SHIFT);
        return (int) Math.min(1L << SEGMENT_SHIFT, roundedToWords(left));
    }

    /** The next multiple of 8. */
    static long roundedToWords(long bytes) {
        return (bytes + SharedWord.ALIGNMENT_MASK) & ~(long) SharedWord.ALIGNMENT_MASK;
    }

    /** Address of the first byte modulo 8. */
    int misalignment() {
        return misalignment;
    }

    private ByteBuffer segment(long offset) {
        return segments[(int) (offset >>> shift)];
    }

    private int index(long offset) {
        return (int) (offset & indexMask);
    }

    long getAcquire(long offset) {
        return SharedWord.getAcquire(segment(offset), index(offset));
    }

    void putRelease(long offset, long value) {
        SharedWord.putRelease(segment(offset), index(offset), value);
    }

    long compareAndExchange(long offset, long expected, long update) {
        return SharedWord.compareAndExchange(segment(offset), index(offset), expected, update);
    }

    long getAndAdd(long offset, long addend) {
        return SharedWord.getAndAdd(segment(offset), index(offset), addend);
    }

    /** How many bytes the next piece of a transfer may have. */
    private int piece(long offset, long wanted) {
        long left = segment(offset).capacity() - (offset & indexMask);
        return (int) Math.min(Math.min(left, wanted), PIECE_BYTES);
    }

    /**
     * Copies the next piece of a transfer, at most 1 MiB, and does not tear aligned words of {@code words}, which is one of the
     * two sides.
     *
     * @return bytes copied, at least 1
     */
    static int copyPiece(
            Memory source, long sourceOffset, Memory target, long targetOffset, long length, Memory words) {
        int bytes = target.piece(targetOffset, source.piece(sourceOffset, length));
        int position = words == target ? target.position(targetOffset) : source.position(sourceOffset);
        int beyondWord = bytes < length ? (position + bytes) & SharedWord.ALIGNMENT_MASK : 0;
        if (beyondWord == bytes && length >= SharedWord.BYTES) {
            target.putBytes(targetOffset, source.getBytes(sourceOffset));
            return SharedWord.BYTES;
        }
        bytes -= bytes > beyondWord ? beyondWord : 0;
        int head = Math.min(bytes, -position & SharedWord.ALIGNMENT_MASK);
        int middle = (bytes - head) & ~SharedWord.ALIGNMENT_MASK;
        ByteBuffer from = source.segment(sourceOffset);
        ByteBuffer to = target.segment(targetOffset);
        int fromIndex = source.index(sourceOffset);
        int toIndex = target.index(targetOffset);
        boolean congruent = source.position(sourceOffset) == target.position(targetOffset);
        copyBytes(from, fromIndex, to, toIndex, head);
        copyWords(from, fromIndex + head, to, toIndex + head, middle, congruent);
        int done = head + middle;
        copyBytes(from, fromIndex + done, to, toIndex + done, bytes - done);
        return bytes;
    }

    /** Address modulo 8. */
    private int position(long offset) {
        return ((int) offset + misalignment) & SharedWord.ALIGNMENT_MASK;
    }

    /** The 8 bytes from here on, where one side of a transfer goes from one segment to the next. */
    private long getBytes(long offset) {
        if (position(offset) == 0) {
            return getAcquire(offset);
        }
        long value = 0;
        for (int i = SharedWord.BYTES - 1; i >= 0; i--) {
            value = value << Byte.SIZE | segment(offset + i).get(index(offset + i)) & 0xFFL;
        }
        return value;
    }

    private void putBytes(long offset, long value) {
        if (position(offset) == 0) {
            putRelease(offset, value);
            return;
        }
        for (int i = 0; i < SharedWord.BYTES; i++) {
            segment(offset + i).put(index(offset + i), (byte) (value >>> i * Byte.SIZE));
        }
    }

    private static void copyBytes(ByteBuffer source, int from, ByteBuffer target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target.put(to + i, source.get(from + i));
        }
    }

    /** The bulk copy moves whole words if both sides are aligned; otherwise the aligned side is accessed word by word. */
    private static void copyWords(
            ByteBuffer source, int from, ByteBuffer target, int to, int length, boolean congruent) {
        if (congruent && length > FEW_BYTES) {
            target.put(to, source, from, length);
            return;
        }
        for (int i = 0; i < length; i += SharedWord.BYTES) {
            target.putLong(to + i, source.getLong(from + i));
        }
    }

    void get(long offset, ByteBuffer destination) {
        long at = offset;
        while (destination.hasRemaining()) {
            int bytes = piece(at, destination.remaining());
            destination.put(destination.position(), segment(at), index(at), bytes);
            destination.position(destination.position() + bytes);
            at += bytes;
        }
    }

    void put(long offset, ByteBuffer source) {
        long at = offset;
        while (source.hasRemaining()) {
            int bytes = piece(at, source.remaining());
            segment(at).put(index(at), source, source.position(), bytes);
            source.position(source.position() + bytes);
            at += bytes;
        }
    }

    void fill(long offset, long length, byte value) {
        long pattern = (value & 0xFFL) * 0x0101_0101_0101_0101L;
        for (long at = offset; at < offset + length; ) {
            int bytes = piece(at, offset + length - at);
            fillPiece(segment(at), index(at), bytes, pattern);
            at += bytes;
        }
    }

    private static void fillPiece(ByteBuffer target, int from, int length, long pattern) {
        int words = length & ~SharedWord.ALIGNMENT_MASK;
        for (int i = 0; i < words; i += SharedWord.BYTES) {
            target.putLong(from + i, pattern);
        }
        for (int i = words; i < length; i++) {
            target.put(from + i, (byte) pattern);
        }
    }

    ByteBuffer slice(long offset, int length) {
        int index = index(offset);
        if (length > segment(offset).capacity() - index) {
            throw new InvalidRequest(
                    "a slice cannot cross a mapping of 1 GiB; take two", "offset", offset, "length", length);
        }
        return segment(offset).slice(index, length).order(ByteOrder.nativeOrder());
    }
}
