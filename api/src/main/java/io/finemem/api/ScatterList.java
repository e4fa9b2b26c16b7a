package io.finemem.api;

import java.util.Arrays;

/**
 * Ranges of registered buffers that together stand for one contiguous range of a block, in order: a read scatters the block's
 * bytes over them, a write gathers them. Can be filled, used and cleared again without garbage.
 *
 * <p><b>Thread-safety.</b> None. It may be changed as soon as a call that was given it has returned, asynchronous ones too.
 */
public final class ScatterList {
    private static final int FIRST_CAPACITY = 8;

    private RegisteredBuffer[] buffers = new RegisteredBuffer[FIRST_CAPACITY];
    private int[] positions = new int[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private int size;
    private long bytes;

    /** Empty. */
    public ScatterList() {}

    /**
     * Appends a range.
     *
     * @param position first byte in the buffer, 0 or more
     * @param length bytes, 0 or more
     * @return this
     * @throws InvalidRequest if the range leaves the buffer
     */
    public ScatterList add(RegisteredBuffer buffer, int position, int length) {
        if (position < 0 || length < 0 || length > buffer.capacity() - position) {
            throw new InvalidRequest(
                    "the range leaves the buffer",
                    "position",
                    position,
                    "bytes",
                    length,
                    "capacity",
                    buffer.capacity());
        }
        if (size == lengths.length) {
            buffers = Arrays.copyOf(buffers, size * 2);
            positions = Arrays.copyOf(positions, size * 2);
            lengths = Arrays.copyOf(lengths, size * 2);
        }
        buffers[size] = buffer;
        positions[size] = position;
        lengths[size++] = length;
        bytes += length;
        return this;
    }

    /** Removes all ranges. */
    public ScatterList clear() {
        Arrays.fill(buffers, 0, size, null);
        size = 0;
        bytes = 0;
        return this;
    }

    /** Ranges. */
    public int size() {
        return size;
    }

    /** Bytes of all ranges together. */
    public long bytes() {
        return bytes;
    }

    /** Buffer of a range. */
    public RegisteredBuffer buffer(int index) {
        return buffers[checked(index)];
    }

    /** First byte of a range in its buffer. */
    public int position(int index) {
        return positions[checked(index)];
    }

    /** Bytes of a range. */
    public int length(int index) {
        return lengths[checked(index)];
    }

    private int checked(int index) {
        if (index < 0 || index >= size) {
            throw new InvalidRequest("there is no such range in the list", "index", index, "size", size);
        }
        return index;
    }
}
