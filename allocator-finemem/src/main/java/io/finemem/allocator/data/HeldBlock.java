package io.finemem.allocator.data;

import io.finemem.allocator.layout.Geometry;
import io.finemem.api.BlockHandle;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Where a held block is, which keys open it, and who is using it. The allocation side keeps it for as long as the block is
 * held; the application has an {@link ApplicationBlock} that refers to it, never the other way round.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public abstract class HeldBlock {
    /** Rkeys of a block that one rkey opens as a whole. */
    public static final int[] ONE_RKEY = {};

    /** Set in {@link #users} once the block is freed; the bits below count operations under way. */
    private static final int FREED = 1 << 30;

    private static final AtomicIntegerFieldUpdater<HeldBlock> USERS =
            AtomicIntegerFieldUpdater.newUpdater(HeldBlock.class, "users");

    // Changed only while the block is freed, and read by who has pinned it.
    private long address;
    private int chunks;
    private int rkey;
    /** One per section where they differ, else empty. */
    private int[] sectionRkeys;

    private int generation;
    private volatile int users;
    /** Whether nobody works on its free any more, so that it may hold another block. */
    private volatile boolean vacant;

    /**
     * A block that nobody uses yet.
     *
     * @param length bytes, a multiple of 4 KiB
     * @param sectionRkeys one rkey per 2 MiB where they differ, else {@link #ONE_RKEY}
     */
    protected HeldBlock(long address, long length, int rkey, int[] sectionRkeys, int generation) {
        this.address = address;
        this.chunks = (int) (length / Geometry.CHUNK_BYTES);
        this.rkey = rkey;
        this.sectionRkeys = sectionRkeys;
        this.generation = generation;
    }

    /** One without a block, as if it had been freed: {@link #hold} gives it one. */
    protected HeldBlock() {
        this.sectionRkeys = ONE_RKEY;
        this.users = FREED;
        this.vacant = true;
    }

    /**
     * Holds another block from now on. Before, it must be {@link #vacant} and the caller's alone.
     *
     * @param length bytes, a multiple of 4 KiB
     * @param rkeys one rkey per 2 MiB where they differ, else {@link #ONE_RKEY}
     */
    protected final void hold(long ofAddress, long length, int ofRkey, int[] rkeys, int ofGeneration) {
        vacant = false;
        address = ofAddress;
        chunks = (int) (length / Geometry.CHUNK_BYTES);
        rkey = ofRkey;
        sectionRkeys = rkeys;
        generation = ofGeneration;
        USERS.addAndGet(this, -FREED); // others may be trying to pin it: their counts stay
    }

    /** Whether it is freed for good, so that it may {@link #hold} another block. */
    final boolean vacant() {
        return vacant;
    }

    /** Its free has ended: only who wants another block in it refers to it. */
    final void vacate() {
        vacant = true;
    }

    /** Which of the memory nodes of its {@link DataPath}. */
    public abstract int nodeIndex();

    /** Name of its memory node. */
    protected abstract String memoryNode();

    /** First byte on the memory node. */
    public final long address() {
        return address;
    }

    /** Bytes. */
    public final long length() {
        return (long) chunks * Geometry.CHUNK_BYTES;
    }

    /** The rkey that opens the byte at an offset. */
    public final int rkey(long offset) {
        return sectionRkeys.length == 0 ? rkey : sectionRkeys[(int) (offset / Geometry.SECTION_BYTES)];
    }

    /** Bytes from an offset on that its rkey opens. */
    public final long opened(long offset) {
        return sectionRkeys.length == 0 ? length() - offset : Geometry.SECTION_BYTES - offset % Geometry.SECTION_BYTES;
    }

    /** Tells this holding of the memory from others; unsigned. */
    public final int generation() {
        return generation;
    }

    /** The coordinates as the application sees them. */
    public final BlockHandle handle() {
        return new BlockHandle(memoryNode(), address, length(), rkey, Integer.toUnsignedLong(generation));
    }

    /** Keeps the block from being freed until {@link #unpin}; false if it was freed. */
    public final boolean pin() {
        if ((USERS.incrementAndGet(this) & FREED) == 0) {
            return true;
        }
        USERS.decrementAndGet(this);
        return false;
    }

    /** Ends a {@link #pin} that returned true. */
    public final void unpin() {
        USERS.decrementAndGet(this);
    }

    /** Whether somebody {@linkplain #markFreed claimed} to free it. */
    public final boolean freed() {
        return (users & FREED) != 0;
    }

    /** Claims the right to free the block, once, and waits for operations under way: they are bounded by their timeout. */
    public final boolean markFreed() {
        if (!markFreedLater()) {
            return false;
        }
        awaitUnused();
        return true;
    }

    /** Claims the right to free the block, once, when it is not {@link #inUse} any more. */
    public final boolean markFreedLater() {
        int before;
        do {
            before = users;
            if ((before & FREED) != 0) {
                return false;
            }
        } while (!USERS.compareAndSet(this, before, before | FREED));
        return true;
    }

    /** After it was marked: waits for operations under way. */
    public final void awaitUnused() {
        while (inUse()) {
            Thread.yield();
        }
    }

    /** After it was marked: whether operations on it are still under way. */
    public final boolean inUse() {
        return users != FREED;
    }

    /** Takes {@link #markFreed} back: nothing was sent. */
    public final void unmarkFreed() {
        USERS.addAndGet(this, -FREED);
    }

    @Override
    public final String toString() {
        return handle().toString();
    }
}
