package io.finemem.service.client;

import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
import io.finemem.service.ipc.BlockRecord;
import io.finemem.service.ipc.Mailbox;

/** A block that the service gave to this application. */
final class ServiceBlock extends HeldBlock {
    private String memoryNode;
    private int node;
    private long name;

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

    /** One without a block. */
    ServiceBlock(String anyNode) {
        this.memoryNode = anyNode;
    }

    /** Holds the first block of an answer, which one rkey opens as a whole; it must be vacant. */
    void hold(String nameOfNode, Mailbox answer) {
        memoryNode = nameOfNode;
        node = answer.recordNode(0);
        name = answer.recordHandle(0);
        hold(
                answer.recordAddress(0),
                (long) answer.recordChunks(0) * Geometry.CHUNK_BYTES,
                answer.recordRkey(0),
                ONE_RKEY,
                answer.recordGeneration(0));
    }

    /** Holds a block of many sections; it must be vacant. */
    void hold(String nameOfNode, BlockRecord record, int[] sectionRkeys) {
        memoryNode = nameOfNode;
        node = record.node();
        name = record.handle();
        hold(
                record.address(),
                (long) record.chunks() * Geometry.CHUNK_BYTES,
                record.rkey(),
                sectionRkeys,
                record.generation());
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
