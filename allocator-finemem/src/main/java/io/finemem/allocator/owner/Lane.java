package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.WriteSlots;
import io.finemem.api.FineMemException;
import io.finemem.spi.transport.ConnectionLost;
import org.jspecify.annotations.Nullable;

/**
 * One worker's way to one memory node: chooses the search that fits the size, and keeps journal slots and blocks together.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class Lane {
    private final LaneContext context;
    private final ChunkSearch chunks;
    private final SpanSearch spans;
    private final @Nullable Revocations revocations;

    Lane(LaneContext context, AllocatorOptions options) {
        this.context = context;
        this.chunks = new ChunkSearch(context, options);
        this.spans = new SpanSearch(context);
        this.revocations = context.revocations();
    }

    LaneContext context() {
        return context;
    }

    NodeSession node() {
        return context.node();
    }

    /** Compare-and-swaps that found another value. */
    long retries() {
        return context.retries();
    }

    /**
     * Claims a block.
     *
     * @param bytes length, 1 or more
     * @param block takes the place of the block if it was claimed
     * @return whether there was room
     */
    boolean allocate(long bytes, Placement block) {
        long sections = Geometry.sectionsOf(bytes);
        if (sections > context.layout().sections()) {
            return false;
        }
        int slot = context.takeSlot();
        try {
            boolean claimed = claim(bytes, (int) sections, slot, block);
            while (!claimed && revocations != null && revocations.awaitAny()) {
                claimed = claim(bytes, (int) sections, slot, block);
            }
            if (!claimed) {
                context.slots().give(slot);
            }
            return claimed;
        } catch (FineMemException e) {
            context.giveUnlessInDoubt(slot);
            throw e;
        }
    }

    /** Free journal slots that are at the lane's hand. */
    int[] freeSlots() {
        int[] free = new int[context.slots().size()];
        for (int i = 0; i < free.length; i++) {
            free[i] = context.slots().get(i);
        }
        return free;
    }

    /** Writes journal slots; leaves nothing in doubt. */
    void write(WriteSlots writes) {
        context.driver().run(writes);
    }

    /** Replaces the metadata connection after it failed; what was under way is in doubt and decided in the background. */
    void reconnect() {
        context.reconnect();
    }

    private boolean claim(long bytes, int sections, int slot, Placement block) {
        int order = Geometry.orderOf(bytes);
        if (order < Geometry.SPAN_ORDER) {
            return chunks.claim(order, slot, block);
        }
        if (order <= Geometry.SECTION_ORDER) {
            return spans.claimSpans(order - Geometry.SPAN_ORDER, slot, block);
        }
        return spans.claimSections(sections, slot, block);
    }

    /**
     * Frees a block and its slot; in strict isolation asks for that.
     *
     * @throws ConnectionLost if the connection failed; the free is in doubt, {@link #reconnect} and {@link #completeFree} must
     *     follow
     */
    void free(OwnedBlock block) {
        if (revocations != null) {
            revocations.free(block);
            return;
        }
        node().slots().setBlock(block.slot(), null);
        if (block.type() == JournalSlot.CHUNKS) {
            chunks.free(block);
        } else {
            spans.free(block);
        }
        context.slots().give(block.slot());
    }

    /** A free that a broken connection cut off: the memory node completes a direct one, a strict one is posted again. */
    void completeFree(OwnedBlock block) {
        if (revocations != null) {
            revocations.resume(block);
        }
    }

    /** In strict isolation: waits until the blocks freed by this owner are revoked, or the time is over. */
    void awaitRevocations(long nanos) {
        if (revocations != null) {
            revocations.awaitAll(nanos);
        }
    }

    /** After a free: closes its span if it is empty and the lane keeps enough empty ones. */
    void trim(OwnedBlock block) {
        if (block.type() == JournalSlot.CHUNKS) {
            chunks.trim(block.unit());
        }
    }

    /** As {@link #trim(OwnedBlock)}, for a span of chunks. */
    void trim(int span) {
        chunks.trim(span);
    }

    /** Closes all empty spans that the lane knows. */
    void closeEmptySpans() {
        chunks.closeEmptySpans();
    }

    void close() {
        context.driver().close();
    }
}
