package io.finemem.allocator.data;

import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;

/**
 * One registration, cut into pieces of one size. The memory is the garbage collector's, so that a view which outlives its
 * buffer reads old bytes and no unmapped ones.
 *
 * <p><b>Thread-safety.</b> Guarded by its pool.
 */
final class Slab {
    private final MemoryRegion region;
    private final ByteBuffer memory;
    private final int pieceBytes;
    private final boolean pooled;
    private final int[] free;
    private int freeCount;

    /**
     * All pieces free.
     *
     * @param pooled whether the memory is the pool's, otherwise the application's
     */
    Slab(MemoryRegion region, ByteBuffer memory, int pieceBytes, boolean pooled) {
        this.region = region;
        this.pooled = pooled;
        this.memory = memory;
        this.pieceBytes = pieceBytes;
        this.free = new int[memory.capacity() / pieceBytes];
        for (int i = free.length - 1; i >= 0; i--) {
            free[freeCount++] = i * pieceBytes;
        }
    }

    MemoryRegion region() {
        return region;
    }

    ByteBuffer memory() {
        return memory;
    }

    boolean pooled() {
        return pooled;
    }

    int pieceBytes() {
        return pieceBytes;
    }

    int bytes() {
        return memory.capacity();
    }

    boolean hasFree() {
        return freeCount > 0;
    }

    boolean unused() {
        return freeCount == free.length;
    }

    /** First byte of a free piece. */
    int take() {
        return free[--freeCount];
    }

    void give(int offset) {
        free[freeCount++] = offset;
    }
}
