package io.finemem.allocator.owner;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteBlock;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** A block held by an {@link Owner}. */
final class OwnedBlock implements RemoteBlock {
    /** Set in {@link #users} once the block is freed; the bits below count operations under way. */
    private static final int FREED = 1 << 30;

    private static final AtomicIntegerFieldUpdater<OwnedBlock> USERS =
            AtomicIntegerFieldUpdater.newUpdater(OwnedBlock.class, "users");

    private final Owner owner;
    private final NodeSession node;
    private final int type;
    private final int unit;
    private final int mask;
    private final int sections;
    private final long address;
    private final long length;
    private final int slot;
    private final int rkey;
    /** One per section where they differ, else empty. */
    private final int[] sectionRkeys;

    private final int version;
    private volatile boolean confirmed;
    private volatile int users;

    OwnedBlock(Owner owner, NodeSession node, Placement placement) {
        this.owner = owner;
        this.node = node;
        this.type = placement.type();
        this.unit = placement.unit();
        this.mask = placement.mask();
        this.sections = placement.sections();
        this.address = node.pool().heapAddress() + placement.heapOffset();
        this.length = placement.length();
        this.slot = placement.slot();
        this.rkey = placement.rkey();
        this.sectionRkeys = placement.sectionRkeys();
        this.version = placement.version();
    }

    Owner owner() {
        return owner;
    }

    NodeSession node() {
        return node;
    }

    /** Type of its journal slot. */
    int type() {
        return type;
    }

    /** Span, section, or first section. */
    int unit() {
        return unit;
    }

    /** Chunks of the span, or spans of each section. */
    int mask() {
        return mask;
    }

    /** Sections that it touches as whole spans. */
    int sections() {
        return sections;
    }

    int slot() {
        return slot;
    }

    /** Whether its journal slot says OWNED. Changed only by who has {@linkplain #pin pinned} it. */
    boolean confirmed() {
        return confirmed;
    }

    void setConfirmed() {
        confirmed = true;
    }

    /** What its journal slot says, or must say before it is freed. */
    long pendingEntry() {
        return switch (type) {
            case JournalSlot.CHUNKS -> JournalSlot.pendingChunks(unit, mask);
            case JournalSlot.SPANS -> JournalSlot.pendingSpans(unit, mask);
            default -> JournalSlot.pendingSections(unit, sections);
        };
    }

    /** What its journal slot says once it is confirmed. */
    long ownedEntry() {
        return JournalSlot.owned(pendingEntry());
    }

    /** Keeps the block from being freed until {@link #unpin}; false if it was freed. */
    boolean pin() {
        if ((USERS.incrementAndGet(this) & FREED) == 0) {
            return true;
        }
        USERS.decrementAndGet(this);
        return false;
    }

    void unpin() {
        USERS.decrementAndGet(this);
    }

    /** The rkey that opens the byte at an offset. */
    int rkey(long offset) {
        return sectionRkeys.length == 0 ? rkey : sectionRkeys[(int) (offset / Geometry.SECTION_BYTES)];
    }

    /** Bytes from an offset on that its rkey opens. */
    long opened(long offset) {
        return sectionRkeys.length == 0 ? length - offset : Geometry.SECTION_BYTES - offset % Geometry.SECTION_BYTES;
    }

    long address() {
        return address;
    }

    @Override
    public BlockHandle handle() {
        return new BlockHandle(node.pool().memoryNode(), address(), length, rkey, version);
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(long offset, ByteBuffer destination) {
        checkRange(offset, destination.remaining());
        use();
        try {
            owner.read(this, offset, destination);
        } finally {
            unpin();
        }
    }

    @Override
    public void write(long offset, ByteBuffer source) {
        checkRange(offset, source.remaining());
        use();
        try {
            owner.write(this, offset, source);
        } finally {
            unpin();
        }
    }

    @Override
    public long compareAndSwap(long offset, long expected, long update) {
        checkWord(offset);
        use();
        try {
            return owner.compareAndSwap(this, offset, expected, update);
        } finally {
            unpin();
        }
    }

    @Override
    public long fetchAdd(long offset, long addend) {
        checkWord(offset);
        use();
        try {
            return owner.fetchAdd(this, offset, addend);
        } finally {
            unpin();
        }
    }

    @Override
    public void close() {
        if (markFreed()) {
            owner.freeMarked(this);
        }
    }

    /** Claims the right to free the block, once, and waits for operations under way: they are bounded by their timeout. */
    boolean markFreed() {
        if (!markFreedLater()) {
            return false;
        }
        while (inUse()) {
            Thread.yield();
        }
        return true;
    }

    /** Claims the right to free the block once it is not {@link #inUse} any more. */
    boolean markFreedLater() {
        int before;
        do {
            before = users;
            if ((before & FREED) != 0) {
                return false;
            }
        } while (!USERS.compareAndSet(this, before, before | FREED));
        return true;
    }

    /** After it was marked: whether operations on it are still under way. */
    boolean inUse() {
        return users != FREED;
    }

    /** Takes {@link #markFreed} back: nothing was sent. */
    void unmarkFreed() {
        USERS.addAndGet(this, -FREED);
    }

    private void use() {
        if (!pin()) {
            throw new InvalidRequest("the block was freed", "block", handle());
        }
    }

    private void checkRange(long offset, int bytes) {
        if (offset < 0 || offset > length - bytes) {
            throw new InvalidRequest(
                    "the range leaves the block", "offset", offset, "bytes", bytes, "blockBytes", length);
        }
    }

    private void checkWord(long offset) {
        checkRange(offset, Long.BYTES);
        if (offset % Long.BYTES != 0) {
            throw new InvalidRequest("an atomic needs an offset that is a multiple of 8", "offset", offset);
        }
    }

    @Override
    public String toString() {
        return handle().toString();
    }
}
