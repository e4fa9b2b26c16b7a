package io.finemem.simulation.explore;

import org.jspecify.annotations.Nullable;

/** An owner: what it believes, what it does, and what it really holds. Not changed after it became part of a state. */
final class OwnerState {
    static final int LIVE = 0;
    static final int FENCED = 1;
    static final int GONE = 2;

    int status;
    /** The resolver asked it to settle. */
    boolean asked;
    /** Slots in doubt, bit by position. */
    int doubt;
    /** Those of them of which the memory node has heard; kept where owners are resumed. */
    int told;
    /** Slots of which a successor does not know yet what they mean, bit by position. */
    int unread;
    /** Slots that say OWNED, as the owner knows. */
    int confirmed;
    /** By slot, what the owner believes to hold, as a PENDING entry; 0 is nothing. */
    final long[] held;
    /** By slot, what atomics of the owner really took under it and nobody gave back: the oracle's ledger. */
    final long[] ghost;

    /** By slot, the rkey of the block that the owner believes to hold; strict isolation only. */
    final int[] rkeys;
    /** By slot, 1 + the position in the revoke ring at which its block waits, or 0. */
    final long[] waiting;
    /** The next position of the revoke ring. */
    long tail;

    final @Nullable Lane[] lanes;

    OwnerState(int slots, int lanes) {
        this(new long[slots], new long[slots], new int[slots], new long[slots], new Lane[lanes]);
    }

    private OwnerState(long[] held, long[] ghost, int[] rkeys, long[] waiting, @Nullable Lane[] lanes) {
        this.held = held;
        this.ghost = ghost;
        this.rkeys = rkeys;
        this.waiting = waiting;
        this.lanes = lanes;
    }

    OwnerState copy() {
        OwnerState copy = new OwnerState(held.clone(), ghost.clone(), rkeys.clone(), waiting.clone(), lanes.clone());
        copy.tail = tail;
        copy.status = status;
        copy.asked = asked;
        copy.doubt = doubt;
        copy.told = told;
        copy.unread = unread;
        copy.confirmed = confirmed;
        return copy;
    }

    /** Slots of chains under way, bit by position. */
    int busy() {
        int busy = 0;
        for (Lane lane : lanes) {
            busy |= lane == null ? 0 : lane.action.slots();
        }
        return busy;
    }

    boolean waits() {
        for (long position : waiting) {
            if (position != 0) {
                return true;
            }
        }
        return false;
    }

    boolean idle() {
        return busy() == 0;
    }

    /** Slots that a new chain may take, bit by position. */
    int free() {
        int free = (1 << held.length) - 1 & ~busy() & ~doubt & ~unread;
        for (int slot = 0; slot < held.length; slot++) {
            free &= held[slot] == 0 && waiting[slot] == 0 ? -1 : ~(1 << slot);
        }
        return free;
    }

    /** Slots of blocks that the owner believes to hold, bit by position. */
    int heldSlots() {
        int slots = 0;
        for (int slot = 0; slot < held.length; slot++) {
            slots |= held[slot] == 0 ? 0 : 1 << slot;
        }
        return slots;
    }

    boolean holdsNothing() {
        for (long entry : held) {
            if (entry != 0) {
                return false;
            }
        }
        return true;
    }
}
