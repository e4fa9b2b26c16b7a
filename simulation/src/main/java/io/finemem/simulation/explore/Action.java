package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;

/**
 * What a worker has under way.
 *
 * @param kind what
 * @param unit span or section
 * @param slot journal slot of the block, by its position among the owner's, or -1
 * @param transition journal slot of the transition, or -1
 * @param entry what a free gives back
 * @param slots all slots that the chain may write, bit by position
 * @param count sections of the run, or chunks of each of several blocks
 */
public record Action(Kind kind, int unit, int slot, int transition, long entry, int slots, int count) {
    static final int NONE = -1;

    Action(Kind kind, int unit, int slot, int transition, long entry, int slots) {
        this(kind, unit, slot, transition, entry, slots, 0);
    }

    static Action of(Kind kind, int unit, int slot) {
        return new Action(kind, unit, slot, NONE, 0, 1 << slot);
    }

    static Action claimSections(int first, int count, int slot) {
        return new Action(Kind.CLAIM_SECTIONS, first, slot, NONE, 0, 1 << slot, count);
    }

    /** Several blocks of one size, a slot each. */
    static Action claimMany(int span, int chunks, int slots) {
        return new Action(Kind.CLAIM_MANY, span, NONE, NONE, 0, slots, chunks);
    }

    /** All blocks of these slots. */
    static Action freeMany(int slots) {
        return new Action(Kind.FREE_MANY, NONE, NONE, NONE, 0, slots);
    }

    static Action openMany(int span, int chunks, int slots, int transition) {
        return new Action(Kind.OPEN_MANY, span, NONE, transition, 0, slots | 1 << transition, chunks);
    }

    static Action free(Kind kind, int unit, int slot, long entry) {
        return new Action(kind, unit, slot, NONE, entry, 1 << slot);
    }

    static Action open(int span, int slot, int transition) {
        return new Action(Kind.OPEN, span, slot, transition, 0, 1 << slot | 1 << transition);
    }

    static Action close(int span, int transition) {
        return new Action(Kind.CLOSE, span, NONE, transition, 0, 1 << transition);
    }

    static Action write(Kind kind, int slots) {
        return new Action(kind, NONE, NONE, NONE, 0, slots);
    }

    /** What a claim of sections holds if it succeeds. */
    long entryOfRun() {
        return JournalSlot.pendingSections(unit, count);
    }

    /** Slots of its blocks, bit by position. */
    int slotsOfBlocks() {
        return transition < 0 ? slots : slots & ~(1 << transition);
    }

    /** Whether it is about several blocks. */
    boolean many() {
        return kind == Kind.CLAIM_MANY || kind == Kind.FREE_MANY || kind == Kind.OPEN_MANY;
    }

    /** Whether it only writes slots, so that it may be repeated. */
    boolean onlyWrites() {
        return kind == Kind.CONFIRM || kind == Kind.SETTLE;
    }
}
