package io.finemem.allocator.owner;

import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.resume.BlockIdentity;

/** A block held by an {@link Owner}, with its place in the metadata and its journal slot. */
final class OwnedBlock extends HeldBlock {
    private static final int ALL_SPANS = (1 << Geometry.SPANS_PER_SECTION) - 1;

    /** Above the version of a header, a generation counts how often the block was kept since it was claimed. */
    private static final int KEPT_ONCE = 1 << SpanHeader.VERSION_BITS;

    private static final int MOST_KEPT = (1 << Integer.SIZE - SpanHeader.VERSION_BITS) - 1;

    private final NodeSession node;
    private final int slot;
    /** What the slot says, or must say before the block is freed. */
    private volatile long entry;

    OwnedBlock(NodeSession node, Placement placement) {
        super(
                node.pool().heapAddress() + placement.heapOffset(),
                placement.length(),
                placement.rkey(),
                placement.sectionRkeys(),
                placement.version());
        this.node = node;
        this.slot = placement.slot();
        this.entry = placement.pendingEntry();
    }

    /** The next holding of a block that its owner did not give back. */
    private OwnedBlock(OwnedBlock before) {
        super(before.address(), before.length(), before.rkey(0), ONE_RKEY, before.generation() + KEPT_ONCE);
        this.node = before.node;
        this.slot = before.slot;
        this.entry = before.entry;
    }

    /** One that a predecessor freed and that is being revoked: only its slot counts. */
    private OwnedBlock(NodeSession node, int slot, long entry) {
        super(node.pool().heapAddress(), 0, 0, ONE_RKEY, 0);
        this.node = node;
        this.slot = slot;
        this.entry = entry;
    }

    /**
     * A block that a predecessor asked to revoke.
     *
     * @param entry what its slot says; nothing if the memory node has decided it already
     */
    static OwnedBlock revoking(NodeSession node, int slot, long entry) {
        return new OwnedBlock(node, slot, entry);
    }

    /** Names this holding, whatever process the owner runs in. */
    BlockIdentity identity() {
        return new BlockIdentity(
                node.bootNonce(), pendingEntry(), node.ownerId(), node.slots().journalSlot(slot), generation());
    }

    /** Whether there is another generation for {@link #nextHolding}: each holding of the memory has its own. */
    boolean canBeKept() {
        return type() == JournalSlot.CHUNKS && generation() >>> SpanHeader.VERSION_BITS < MOST_KEPT;
    }

    /** The same memory as another block; this one is marked as freed. */
    OwnedBlock nextHolding() {
        return new OwnedBlock(this);
    }

    NodeSession node() {
        return node;
    }

    @Override
    public int nodeIndex() {
        return node.index();
    }

    @Override
    protected String memoryNode() {
        return node.pool().memoryNode();
    }

    /** Type of its journal slot. */
    int type() {
        return JournalSlot.type(entry);
    }

    /** Span, section, or first section. */
    int unit() {
        return JournalSlot.unit(entry);
    }

    /** Chunks of the span, or spans of each section. */
    int mask() {
        return type() == JournalSlot.SECTIONS ? ALL_SPANS : JournalSlot.mask(entry);
    }

    /** Sections that it touches as whole spans. */
    int sections() {
        return switch (type()) {
            case JournalSlot.CHUNKS -> 0;
            case JournalSlot.SPANS -> 1;
            default -> JournalSlot.mask(entry);
        };
    }

    int slot() {
        return slot;
    }

    /** Whether its journal slot says OWNED. Changed only by who has {@linkplain #pin pinned} it. */
    boolean confirmed() {
        return JournalSlot.kind(entry) == JournalSlot.OWNED;
    }

    void setConfirmed() {
        entry = ownedEntry();
    }

    /** What its journal slot says, or must say before it is freed. */
    long pendingEntry() {
        return JournalSlot.pending(entry);
    }

    /** What its journal slot says once it is confirmed. */
    long ownedEntry() {
        return JournalSlot.owned(entry);
    }
}
