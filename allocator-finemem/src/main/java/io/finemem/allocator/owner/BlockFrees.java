package io.finemem.allocator.owner;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.FreeBlocks;
import io.finemem.spi.transport.ConnectionLost;
import java.util.List;

/**
 * Frees many blocks of one node in direct isolation, as many in a chain as fit.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class BlockFrees {
    private final LaneContext lane;
    private final SpanSearch spans;
    private final FreeBlocks free;

    BlockFrees(LaneContext lane, SpanSearch spans) {
        this.lane = lane;
        this.spans = spans;
        this.free = new FreeBlocks(lane.layout());
    }

    /**
     * Makes the chain for the blocks from a position on, in order of their words.
     *
     * @return position after the last block of the chain; at least one later
     */
    int fill(List<OwnedBlock> blocks, int from) {
        free.prepare();
        int end = from;
        while (end < blocks.size() && add(blocks.get(end))) {
            end++;
        }
        return Math.max(end, from + 1);
    }

    private boolean add(OwnedBlock block) {
        return free.add(block.pendingEntry(), lane.journalSlot(block.slot()), block.mask(), block.confirmed());
    }

    /**
     * Posts what {@link #fill} made: one round trip, or more for a block that does not fit a chain.
     *
     * @throws ConnectionLost if the connection failed; the frees are in doubt, {@link LaneContext#reconnect} must follow
     */
    void post(List<OwnedBlock> blocks, int from, int end) {
        int[] slots = new int[end - from];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = blocks.get(from + i).slot();
            lane.node().slots().setBlock(slots[i], null);
        }
        if (free.words() == 0) {
            spans.free(blocks.get(from));
        } else {
            lane.run(free, slots, slots.length, LaneContext.NO_SLOT);
            learn();
        }
        for (int slot : slots) {
            lane.slots().give(slot);
        }
    }

    private void learn() {
        for (int i = 0; i < free.words(); i++) {
            if (free.header(i)) {
                lane.cache().setHeader(free.unit(i), free.left(i));
                lane.working().add(free.unit(i));
            } else {
                lane.cache().setSectionWord(free.unit(i), free.left(i));
            }
        }
    }

    /** Whether two blocks are taken from one word. */
    static boolean sameWord(OwnedBlock block, OwnedBlock other) {
        boolean chunks = block.type() == JournalSlot.CHUNKS;
        return chunks == (other.type() == JournalSlot.CHUNKS) && block.unit() == other.unit();
    }
}
