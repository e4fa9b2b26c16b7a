package io.finemem.allocator.owner;

import io.finemem.allocator.layout.Geometry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of 4 to 64 KiB that a lane holds though no application has them: claimed ahead, or freed and kept. For the memory
 * node and the journal they are blocks of the owner like others: they are confirmed when the owner settles, and recovered if
 * it dies.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class Stash {
    private static final int ORDERS = Geometry.SPAN_ORDER;

    private final int capacity;
    private final OwnedBlock[][] blocks;
    private final int[] counts = new int[ORDERS];
    /** Objects of blocks that others hold now, for the next ones. */
    private final OwnedBlock[] spares;

    private int spareCount;
    private boolean used;
    private long unusedSince;

    /** Empty, with room for {@code capacity} blocks of each size; 0 for none ever. */
    Stash(int capacity) {
        this.capacity = capacity;
        this.blocks = new OwnedBlock[ORDERS][capacity];
        this.spares = new OwnedBlock[ORDERS * capacity];
    }

    /** An object without a block, to be put here with one. */
    OwnedBlock vacant(NodeSession node) {
        if (spareCount == 0) {
            return OwnedBlock.vacant(node);
        }
        OwnedBlock spare = spares[--spareCount];
        spares[spareCount] = null;
        return spare;
    }

    /** Moves the block of an object that was {@linkplain #take taken} here into another, which is vacant. */
    void move(OwnedBlock taken, OwnedBlock target) {
        taken.markFreed(); // waits while it is being confirmed
        target.takeOver(taken);
        if (spareCount < spares.length) {
            spares[spareCount++] = taken;
        }
    }

    /** Blocks of each size that it may hold. */
    int capacity() {
        return capacity;
    }

    /** Takes a block of {@code 2^order} chunks, or null if there is none. */
    @Nullable
    OwnedBlock take(int order) {
        int count = counts[order];
        if (count == 0) {
            return null;
        }
        used = true;
        counts[order] = count - 1;
        OwnedBlock block = blocks[order][count - 1];
        blocks[order][count - 1] = null;
        return block;
    }

    boolean hasRoom(int order) {
        return order < ORDERS && counts[order] < capacity;
    }

    /** Adds a block of {@code 2^order} chunks; there must be room. */
    void put(int order, OwnedBlock block) {
        used = true;
        blocks[order][counts[order]++] = block;
    }

    /** Whether it holds blocks and neither gave nor took any for that long; asked now and then. */
    boolean idle(long now, long nanos) {
        if (used) {
            used = false;
            unusedSince = now;
        }
        return now - unusedSince >= nanos;
    }

    /** Takes all blocks. */
    List<OwnedBlock> drain() {
        List<OwnedBlock> all = new ArrayList<>();
        for (int order = 0; order < ORDERS; order++) {
            for (OwnedBlock block = take(order); block != null; block = take(order)) {
                all.add(block);
            }
        }
        return all;
    }
}
