package io.finemem.service.server;

import io.finemem.api.AllocationRequest;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.service.ipc.SegmentLayout;
import org.jspecify.annotations.Nullable;

/** Objects that hold no block, for the next allocations of a session. Not thread-safe. */
final class Spares {
    /** As many as one request frees. */
    private final ReusableBlock[] blocks = new ReusableBlock[SegmentLayout.MAX_BATCH];

    private final RemoteMemory memory;
    private int count;

    Spares(RemoteMemory memory) {
        this.memory = memory;
    }

    /**
     * Claims a block, without garbage if one was freed before.
     *
     * @param wish what it is wanted with; null for a block anywhere
     */
    ReusableBlock claim(long bytes, @Nullable AllocationRequest wish) {
        ReusableBlock block = count > 0 ? blocks[--count] : memory.newReusableBlock();
        try {
            if (wish == null) {
                memory.allocateInto(block, bytes);
            } else {
                memory.allocateInto(block, wish);
            }
            return block;
        } catch (RuntimeException e) {
            keep(block);
            throw e;
        }
    }

    void keep(ReusableBlock free) {
        if (count < blocks.length) {
            blocks[count++] = free;
        }
    }
}
