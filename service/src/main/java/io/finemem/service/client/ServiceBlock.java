package io.finemem.service.client;

import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
import io.finemem.service.ipc.BlockRecord;

/** A block that the service gave to this application. */
final class ServiceBlock extends HeldBlock {
    private final String memoryNode;
    private final int node;
    private final long name;

    ServiceBlock(String memoryNode, BlockRecord record, int[] sectionRkeys) {
        super(
                record.address(),
                (long) record.chunks() * Geometry.CHUNK_BYTES,
                record.rkey(),
                sectionRkeys,
                record.generation());
        this.memoryNode = memoryNode;
        this.node = record.node();
        this.name = record.handle();
    }

    /** What it is called in the session. */
    long name() {
        return name;
    }

    @Override
    public int nodeIndex() {
        return node;
    }

    @Override
    protected String memoryNode() {
        return memoryNode;
    }
}
