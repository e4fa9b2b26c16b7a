package io.finemem.simulation.explore;

import io.finemem.allocator.decision.ResumeDecisions;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.simulation.step.Violation;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the successor of an owner does whose process ended: its metadata connections are fenced, then it goes on with the revoke ring,
 * and finds out slot by slot what it holds, while everybody else goes on. Which blocks were recorded as held is a set of those that the
 * predecessor believed to hold: a block may have been claimed and not yet recorded, or be about to be freed.
 */
final class Successors {
    private final Words words;
    private final Rules rules;

    Successors(Words words, Rules rules) {
        this.words = words;
        this.rules = rules;
    }

    /**
     * An owner's process ends, and another one resumes it.
     *
     * @param recorded slots whose blocks are recorded as held, bit by position
     * @param told whether the memory node has heard of all slots in doubt by now
     */
    State resume(State state, int number, int recorded, boolean told) {
        State next = state.copy();
        OwnerState owner = next.change(number);
        for (int lane = 0; lane < owner.lanes.length && rules.fencesPredecessors(); lane++) {
            owner.lanes[lane] = null;
        }
        owner.confirmed = 0;
        owner.doubt &= told ? -1 : owner.told;
        owner.doubt = rules.knowsUndecidedSlots() ? owner.doubt : 0;
        int slots = (1 << words.slotsPerOwner) - 1;
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            owner.held[slot] = (recorded >>> slot & 1) == 0 ? 0 : owner.held[slot];
        }
        Arrays.fill(owner.waiting, 0);
        owner.unread = slots & ~owner.doubt;
        if (words.ring > 0) {
            goOnWithRing(next, number, owner);
        }
        return next;
    }

    private void goOnWithRing(State next, int number, OwnerState owner) {
        long head = next.words[words.head(number)];
        int entries = words.entries(next.words, number);
        for (int i = 0; i < entries; i++) {
            int slot = RevokeEntry.slot(next.words[words.entry(number, head + i)]) % words.slotsPerOwner;
            owner.waiting[slot] = head + i + 1;
            owner.unread &= ~(1 << slot);
        }
        owner.tail = head + entries;
        for (long position = owner.tail; position - head < words.ring && rules.withdraws(); position++) {
            if (words.present(next.words, number, position)) {
                int lap = RevokeEntry.lapBefore(position, words.ring);
                next.words[words.entry(number, position)] = lap == 0 ? 0 : RevokeEntry.of(lap, 0, 0);
            }
        }
    }

    /** The successor finds out what its next slot means; null if it knows all. */
    @Nullable
    State read(State state, int number) {
        if (state.owners[number].unread == 0) {
            return null;
        }
        State next = state.copy();
        OwnerState owner = next.change(number);
        int slot = Integer.numberOfTrailingZeros(owner.unread);
        int bit = 1 << slot;
        owner.unread &= ~bit;
        long word = next.words[words.slot(number, slot)];
        long recorded = owner.held[slot];
        switch (rules.successor(ResumeDecisions.of(word, recorded, inUse(next, word)))) {
            case HELD -> {
                owner.held[slot] = JournalSlot.pending(word);
                owner.confirmed |= JournalSlot.kind(word) == JournalSlot.OWNED ? bit : 0;
                if (words.ring > 0) {
                    owner.rkeys[slot] = words.publishedRkey(next.words, words.node(owner.held[slot]));
                }
            }
            case DOUBT -> {
                requireNotRecorded(recorded, number, slot);
                owner.doubt |= bit;
            }
            case FREE -> requireNotRecorded(recorded, number, slot);
        }
        return next;
    }

    private static void requireNotRecorded(long recorded, int number, int slot) {
        if (recorded != 0) {
            throw new Violation("a successor does not find the block that was recorded: slot " + slot + " of owner "
                    + (char) ('A' + number));
        }
    }

    private int inUse(State state, long slot) {
        int count = 0;
        for (int i = 0; i < ResumeDecisions.words(slot); i++) {
            int unit = JournalSlot.unit(slot) + i;
            int index = JournalSlot.type(slot) == JournalSlot.CHUNKS ? words.header(unit) : words.section(unit);
            count += ResumeDecisions.inUse(slot, state.words[index]) ? 1 : 0;
        }
        return count;
    }
}
