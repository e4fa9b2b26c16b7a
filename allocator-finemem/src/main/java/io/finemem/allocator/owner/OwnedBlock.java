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

    private NodeSession node;
    private int slot;
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

    /** One without a block. */
    private OwnedBlock(NodeSession any) {
        this.node = any;
    }

    /** One without a block: {@link #hold} or {@link #takeOver} gives it one. */
    static OwnedBlock vacant(NodeSession any) {
        return new OwnedBlock(any);
    }

    /** Holds the block that was claimed at a place; it must be vacant. */
    void hold(NodeSession ofNode, Placement placement) {
        node = ofNode;
        slot = placement.slot();
        entry = placement.pendingEntry();
        hold(
                ofNode.pool().heapAddress() + placement.heapOffset(),
                placement.length(),
                placement.rkey(),
                placement.sectionRkeys(),
                placement.version());
    }

    /** Holds what another one held, which is marked as freed and vacant from now on; this one must be vacant. */
    void takeOver(OwnedBlock before) {
        takeOver(before, before.generation());
    }

    private void takeOver(OwnedBlock before, int generation) {
        node = before.node;
        slot = before.slot;
        entry = before.entry;
        hold(before.address(), before.length(), before.rkey(0), ONE_RKEY, generation);
    }

    /** Names this holding, whatever process the owner runs in. */
    BlockIdentity identity() {
        return new BlockIdentity(
                node.bootNonce(), pendingEntry(), node.ownerId(), node.slots().journalSlot(slot), generation());
    }

    /** {@link #identity} without garbage. */
    void identify(BlockIdentity.Target target) {
        target.identity(
                node.bootNonce(), pendingEntry(), node.ownerId(), node.slots().journalSlot(slot), generation());
    }

    /** Whether there is another generation for {@link #nextHolding}: each holding of the memory has its own. */
    boolean canBeKept() {
        return type() == JournalSlot.CHUNKS && generation() >>> SpanHeader.VERSION_BITS < MOST_KEPT;
    }

    /** Holds the memory of a block that its owner did not give back, and which is marked as freed; this one must be vacant. */
    void takeNextHolding(OwnedBlock before) {
        takeOver(before, before.generation() + KEPT_ONCE);
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
        return sections(entry);
    }

    /** Sections that a block touches as whole spans whose slot says so. */
    static int sections(long entry) {
        return switch (JournalSlot.type(entry)) {
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
