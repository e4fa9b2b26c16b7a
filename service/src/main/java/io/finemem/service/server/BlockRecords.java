package io.finemem.service.server;

import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteBlock;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.SegmentLayout;

/** Writes into mailboxes what applications need to know of their blocks; without garbage. */
final class BlockRecords {
    private final NodeNumbers nodes;

    BlockRecords(NodeNumbers nodes) {
        this.nodes = nodes;
    }

    /**
     * Makes sure that {@link #put} does not fail.
     *
     * @throws io.finemem.api.FineMemException if the memory node of the block has no number and cannot get one
     */
    void prepare(RemoteBlock block) {
        nodes.of(DataPath.heldBehind(block).nodeIndex());
    }

    /** One record of the answer to an allocation. */
    void put(Mailbox mailbox, int index, long handle, RemoteBlock block) {
        HeldBlock held = DataPath.heldBehind(block);
        long length = held.length();
        mailbox.putRecord(
                index,
                handle,
                held.address(),
                (int) (length / Geometry.CHUNK_BYTES),
                held.rkey(0),
                nodes.of(held.nodeIndex()),
                held.opened(0) < length,
                held.generation());
    }

    /**
     * The rkeys of sections, as many as an answer has room for.
     *
     * @param firstSection any number
     * @return how many
     */
    static int putKeys(Mailbox mailbox, RemoteBlock block, long firstSection) {
        HeldBlock held = DataPath.heldBehind(block);
        long sections = Geometry.sectionsOf(held.length());
        if (firstSection < 0 || firstSection >= sections) {
            throw new InvalidRequest("the block has no such section", "section", firstSection, "sections", sections);
        }
        int count = (int) Math.min(SegmentLayout.MAX_KEYS, sections - firstSection);
        for (int i = 0; i < count; i++) {
            mailbox.putKey(i, held.rkey((firstSection + i) * Geometry.SECTION_BYTES));
        }
        return count;
    }
}
