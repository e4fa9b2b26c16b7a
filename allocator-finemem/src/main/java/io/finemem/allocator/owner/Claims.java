package io.finemem.allocator.owner;

import io.finemem.allocator.layout.Geometry;

/**
 * How many blocks of one size an allocation wants, the journal slots that it offers for them, and the places of those that
 * were claimed: the first slots are theirs. Reused by a worker so that a claim creates no garbage.
 */
final class Claims {
    /** Most blocks that one compare-and-swap claims. */
    static final int CAPACITY = Geometry.CHUNKS_PER_SPAN;

    private final int[] slots = new int[CAPACITY];
    private final int[] journalSlots = new int[CAPACITY];
    private final Placement[] placements = new Placement[CAPACITY];
    private int wanted = 1;
    private int needed = 1;
    private int offered;
    private int size;

    Claims() {
        placements[0] = new Placement();
    }

    /**
     * Starts over.
     *
     * @param most blocks to claim if there is room, 1 or more
     * @param atLeast of these, how many where others work or room is short, 1 or more
     */
    Claims want(int most, int atLeast) {
        wanted = Math.min(most, CAPACITY);
        needed = Math.min(atLeast, wanted);
        offered = 0;
        size = 0;
        return this;
    }

    int wanted() {
        return wanted;
    }

    int needed() {
        return needed;
    }

    /** One more slot, by its position among the owner's, and in the node's journal. */
    void offer(int slot, int journalSlot) {
        slots[offered] = slot;
        journalSlots[offered++] = journalSlot;
    }

    /** Takes the offer of the last slot back; its position among the owner's. */
    int withdraw() {
        return slots[--offered];
    }

    /** Slots that were offered. */
    int offered() {
        return offered;
    }

    int slot(int index) {
        return slots[index];
    }

    /** Positions of the slots among the owner's; the first {@link #offered} ones count. */
    int[] slots() {
        return slots;
    }

    /** Positions of the slots in the node's journal. */
    int[] journalSlots() {
        return journalSlots;
    }

    /** One more block was claimed, with the next slot: its place is to be filled in. */
    Placement add() {
        if (placements[size] == null) {
            placements[size] = new Placement();
        }
        return placements[size++];
    }

    /** Slot of the block that {@link #add} is called for next. */
    int nextSlot() {
        return slots[size];
    }

    /** Blocks that were claimed. */
    int size() {
        return size;
    }

    Placement get(int index) {
        return placements[index];
    }
}
