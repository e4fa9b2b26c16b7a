package io.finemem.allocator.data;

import io.finemem.allocator.layout.Geometry;
import io.finemem.api.ScatterList;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import java.util.Arrays;

/**
 * A read or a write between one range of a block and ranges of registered buffers, and how far it has been posted. Cut where
 * a buffer range, an rkey or 2 MiB end. Can be reused.
 *
 * <p><b>Thread-safety.</b> None.
 */
final class Transfer {
    /** Most elements of one of its chains. */
    static final int CHAIN_ELEMENTS = 32;

    private static final int FIRST_CAPACITY = 4;

    private final long maxPieceBytes;
    private PooledBuffer[] buffers = new PooledBuffer[FIRST_CAPACITY];
    private int[] positions = new int[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private int count;
    private boolean write;
    private long start;

    private long at;
    private int current;
    private int posted;
    private long markedAt;
    private int markedCurrent;
    private int markedPosted;

    Transfer(Capabilities capabilities) {
        this.maxPieceBytes = Math.min(Geometry.SECTION_BYTES, capabilities.maxTransferBytes());
    }

    /** Elements of each of so many chains on one connection of a transport. */
    static int chainElements(Capabilities capabilities, int chains) {
        return Math.max(1, Math.min(CHAIN_ELEMENTS, capabilities.maxElementsInFlight() / chains));
    }

    /** A new transfer without ranges. */
    Transfer begin(boolean toBlock, long offset) {
        write = toBlock;
        start = offset;
        at = offset;
        current = 0;
        posted = 0;
        return this;
    }

    /** Appends a range of a buffer that stays pinned until the end of the transfer. */
    Transfer add(PooledBuffer buffer, int position, int length) {
        if (length == 0) {
            return this;
        }
        if (count == lengths.length) {
            buffers = Arrays.copyOf(buffers, count * 2);
            positions = Arrays.copyOf(positions, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        buffers[count] = buffer;
        positions[count] = position;
        lengths[count++] = length;
        return this;
    }

    /** Appends all ranges of a list whose buffers stay pinned until the end of the transfer. */
    Transfer addAll(RegisteredBuffers pool, ScatterList list) {
        for (int i = 0; i < list.size(); i++) {
            add(pool.require(list.buffer(i)), list.position(i), list.length(i));
        }
        return this;
    }

    /** Forgets the buffers. */
    void clear() {
        Arrays.fill(buffers, 0, count, null);
        count = 0;
        current = 0;
    }

    boolean isWrite() {
        return write;
    }

    /** Whether something is left to be posted. */
    boolean remains() {
        return current < count;
    }

    /** Adds what comes next to an empty chain. */
    void fill(Chain chain, HeldBlock block) {
        markedAt = at;
        markedCurrent = current;
        markedPosted = posted;
        while (current < count && chain.size() < chain.capacity()) {
            long wanted = Math.min(lengths[current] - posted, maxPieceBytes);
            int length = (int) Math.min(wanted, block.opened(at));
            PooledBuffer buffer = buffers[current];
            long local = (long) buffer.offset() + positions[current] + posted;
            if (write) {
                chain.write(block.address() + at, block.rkey(at), buffer.region(), local, length);
            } else {
                chain.read(block.address() + at, block.rkey(at), buffer.region(), local, length);
            }
            at += length;
            posted += length;
            if (posted == lengths[current]) {
                current++;
                posted = 0;
            }
        }
    }

    /** Takes the latest {@link #fill} back: it was not posted. */
    void unfill() {
        at = markedAt;
        current = markedCurrent;
        posted = markedPosted;
    }

    /** Begins anew. */
    void rewind() {
        at = start;
        current = 0;
        posted = 0;
    }

    /** Ends the use of the buffers. */
    void unpinBuffers() {
        for (int i = 0; i < count; i++) {
            buffers[i].unpin();
        }
    }

    /** Begins the use of the buffers; none is in use if it throws. */
    void pinBuffers() {
        int pinned = 0;
        try {
            while (pinned < count) {
                buffers[pinned].pin();
                pinned++;
            }
        } finally {
            for (int i = pinned - 1; pinned < count && i >= 0; i--) {
                buffers[i].unpin();
            }
        }
    }
}
