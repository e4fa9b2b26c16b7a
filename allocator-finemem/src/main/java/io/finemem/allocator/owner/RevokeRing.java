package io.finemem.allocator.owner;

import io.finemem.api.ProtocolViolation;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The owner's side of a revoke ring: who has which position, and how far the memory node has come as last seen. Positions
 * count without end. Several workers post entries; the node takes them in the order of their positions, so that one that is
 * still on its way holds up those behind it, and nothing else.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class RevokeRing {
    /** In place of a position: there is none until the node has come further. */
    static final long FULL = -1;

    private final int segment;
    /** What the slots of the blocks say, by position; not the blocks, whose objects may hold others by then. */
    private final AtomicLongArray entries;
    /** The slots; each written before its entry and read after it. */
    private final int[] slots;

    private final AtomicLong tail = new AtomicLong();
    private volatile long head;

    RevokeRing(int segment, int entries) {
        this.segment = segment;
        this.entries = new AtomicLongArray(entries);
        this.slots = new int[entries];
    }

    /** Takes a block that was revoked. */
    interface Revoked {
        /**
         * A block is revoked.
         *
         * @param slot its journal slot, by its position among the owner's
         * @param entry what the slot says
         */
        void accept(int slot, long entry);
    }

    /** The segment of the journal that it belongs to. */
    int segment() {
        return segment;
    }

    /** Begins where a predecessor ended: {@link #restore} follows for each position from the head to before the tail. */
    void goOn(long headOfNode, long nextPosition) {
        head = headOfNode;
        tail.set(nextPosition);
    }

    /**
     * A block that a predecessor asked to revoke.
     *
     * @param entry what its slot says; nothing if the memory node has decided it already
     */
    void restore(long position, int slot, long entry) {
        slots[index(position)] = slot;
        entries.set(index(position), entry);
    }

    /** Takes a position for a block, or {@link #FULL}. */
    long push(OwnedBlock block) {
        long position;
        do {
            position = tail.get();
            if (position - head >= entries.length()) {
                return FULL;
            }
        } while (!tail.compareAndSet(position, position + 1));
        restore(position, block.slot(), block.pendingEntry());
        return position;
    }

    private int index(long position) {
        return (int) (position % entries.length());
    }

    /** Blocks that were not revoked when the head was read last. */
    long outstanding() {
        return tail.get() - head;
    }

    /** Whether so many eighths of the entries are outstanding. */
    boolean filled(long eighths) {
        return outstanding() * 8 >= entries.length() * eighths;
    }

    /** The node's head was read: names the blocks that were revoked since, each once. */
    synchronized void acknowledge(long headOfNode, Revoked revoked) {
        if (headOfNode > tail.get()) {
            throw new ProtocolViolation(
                    "the memory node revoked more than was asked for: the metadata is corrupted",
                    "segment",
                    segment,
                    "head",
                    headOfNode);
        }
        for (long position = head; position < headOfNode; position++) {
            long entry = entries.get(index(position));
            revoked.accept(slots[index(position)], entry);
        }
        head = Math.max(head, headOfNode);
    }
}
