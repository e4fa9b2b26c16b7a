package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.simulation.step.PostedChain;

/**
 * Executes single operations and keeps the ledger of who really holds what, by which everything is judged. The ledger has
 * an entry per journal slot in the form of a journal slot; for a run of sections its mask has a bit per section won.
 */
final class Ledger {
    /** The memory node's resolver acts, not an owner. */
    static final int RESOLVER = -1;

    private static final long HEADER_VERSION = 1L << 35;
    private static final int ALL_SPANS = 0xffff;

    private final Words words;

    Ledger(Words words) {
        this.words = words;
    }

    /** Executes an element; gives the value before, or read. */
    long execute(State state, int owner, Action action, PostedChain chain, int element) {
        int index = words.index(chain.offset(element));
        if (index < 0) {
            return 0;
        }
        long before = state.words[index];
        switch (chain.kind(element)) {
            case PostedChain.WRITE -> state.words[index] = chain.first(element);
            case PostedChain.CAS -> {
                if (before == chain.first(element)) {
                    state.words[index] = chain.second(element);
                    changed(state, owner, action, index, before);
                }
            }
            case PostedChain.ADD -> {
                state.words[index] = before + chain.first(element);
                checkBorrow(index, before, chain.first(element));
                changed(state, owner, action, index, before);
            }
            default -> {
                // A READ changes nothing.
            }
        }
        return before;
    }

    private void checkBorrow(int index, long before, long addend) {
        if (!words.isHeader(index)) {
            return;
        }
        int mask = (int) (HEADER_VERSION - addend);
        if ((SpanHeader.map(before) & mask) != mask) {
            throw new Violation("chunks " + Integer.toHexString(mask) + " of span " + words.spanOf(index)
                    + " are freed, but " + SpanHeader.toString(before) + " has them free already");
        }
    }

    private void changed(State state, int owner, Action action, int index, long before) {
        long after = state.words[index];
        if (words.isHeader(index)) {
            headerChanged(state, owner, action, words.spanOf(index), before, after);
            return;
        }
        int taken = SectionWord.emptySpans(before) & SectionWord.takenSpans(after);
        int freed = SectionWord.takenSpans(before) & SectionWord.emptySpans(after);
        if (taken != 0) {
            take(state, owner, action.slot(), takenEntry(action, index, taken));
        }
        if (freed != 0) {
            giveBack(state, owner, action, JournalSlot.pendingSpans(index, freed));
        }
        int other = SectionWord.openSpans(before) | SectionWord.openSpans(after);
        for (int span = 0; span < 16; span++) {
            if ((other >>> span & 1) != 0) {
                openingChanged(state, owner, action, index * 16 + span, before, after);
            }
        }
    }

    private void headerChanged(State state, int owner, Action action, int span, long before, long after) {
        int taken = SpanHeader.map(after) & ~SpanHeader.map(before);
        int freed = SpanHeader.map(before) & ~SpanHeader.map(after);
        if (taken != 0) {
            take(state, owner, action.slot(), JournalSlot.pendingChunks(span, taken));
        }
        if (freed != 0) {
            giveBack(state, owner, action, JournalSlot.pendingChunks(span, freed));
        }
        if (SpanHeader.open(before) != SpanHeader.open(after)) {
            if (SpanHeader.open(after)) {
                endTransition(state, owner, action, span);
            } else {
                take(state, owner, action.transition(), JournalSlot.transition(span));
            }
        }
    }

    private static void openingChanged(State state, int owner, Action action, int span, long before, long after) {
        int from = SectionWord.state(before, span % 16);
        int to = SectionWord.state(after, span % 16);
        if (from == SectionWord.TAKEN || to == SectionWord.TAKEN) {
            throw new Violation("span " + span + " goes from state " + from + " to state " + to);
        }
        if (from == SectionWord.EMPTY) {
            take(state, owner, action.transition(), JournalSlot.transition(span));
        } else if (to == SectionWord.EMPTY) {
            endTransition(state, owner, action, span);
        }
    }

    private static long takenEntry(Action action, int section, int spans) {
        return action.kind() == Kind.CLAIM_SECTIONS
                ? JournalSlot.pendingSections(action.unit(), 1 << section - action.unit())
                : JournalSlot.pendingSpans(section, spans);
    }

    private static void take(State state, int owner, int slot, long entry) {
        if (owner == RESOLVER || slot == Action.NONE) {
            throw new Violation("units are taken by somebody who has no slot for them: " + JournalSlot.toString(entry));
        }
        OwnerState taker = state.change(owner);
        long known = taker.ghost[slot];
        boolean sameUnit = known == 0 || known >>> 32 == entry >>> 32;
        if (!sameUnit) {
            throw new Violation("slot " + slot + " of owner " + (char) ('A' + owner) + " stands for two things: "
                    + JournalSlot.toString(known) + " and " + JournalSlot.toString(entry));
        }
        taker.ghost[slot] = known | entry;
    }

    private static void endTransition(State state, int owner, Action action, int span) {
        long entry = JournalSlot.transition(span);
        if (owner != RESOLVER) {
            int slot = action.transition();
            if (slot == Action.NONE || state.owners[owner].ghost[slot] != entry) {
                throw new Violation("span " + span + " is opened or closed by an owner that is not in transition");
            }
            state.change(owner).ghost[slot] = 0;
            return;
        }
        for (int i = 0; i < state.owners.length; i++) {
            for (int slot = 0; slot < state.owners[i].ghost.length; slot++) {
                if (state.owners[i].ghost[slot] == entry) {
                    requireFenced(state.owners[i], i, slot, "the live transition of span " + span + " is ended");
                    state.change(i).ghost[slot] = 0;
                    return;
                }
            }
        }
        throw new Violation("the resolver ends a transition of span " + span + " that nobody is in");
    }

    private static void requireFenced(OwnerState owner, int number, int slot, String what) {
        boolean inDoubt = (owner.doubt >>> slot & 1) != 0;
        if (owner.status == OwnerState.LIVE && !inDoubt) {
            throw new Violation(what + " by the resolver; it is that of slot " + slot + " of owner "
                    + (char) ('A' + number) + ", which is alive");
        }
    }

    private void giveBack(State state, int owner, Action action, long units) {
        int rest = JournalSlot.mask(units);
        if (owner != RESOLVER) {
            rest &= ~remove(state, owner, action.slot(), units, owner);
        } else {
            for (int i = 0; i < state.owners.length; i++) {
                for (int slot = 0; slot < words.slotsPerOwner; slot++) {
                    rest &= ~remove(state, i, slot, units, RESOLVER);
                }
            }
        }
        if (rest != 0) {
            String who = owner == RESOLVER ? "the resolver" : "owner " + (char) ('A' + owner);
            throw new Violation(who + " frees what is not its to free: " + JournalSlot.toString(units));
        }
    }

    /** Takes units out of an entry; gives those that were in it. */
    private static int remove(State state, int owner, int slot, long units, int actor) {
        long entry = state.owners[owner].ghost[slot];
        int common = overlap(entry, units);
        if (common == 0) {
            return 0;
        }
        if (actor == RESOLVER) {
            requireFenced(state.owners[owner], owner, slot, "a live block is reclaimed");
        }
        state.change(owner).ghost[slot] = without(entry, units, common);
        return common;
    }

    private static int overlap(long entry, long units) {
        if (entry == 0) {
            return 0;
        }
        if (JournalSlot.type(entry) == JournalSlot.SECTIONS && JournalSlot.type(units) == JournalSlot.SPANS) {
            int position = JournalSlot.unit(units) - JournalSlot.unit(entry);
            boolean won = position >= 0 && position < Integer.SIZE && (entry >>> position & 1) != 0;
            return won ? JournalSlot.mask(units) : 0;
        }
        return entry >>> 32 == units >>> 32 ? (int) (entry & units) : 0;
    }

    private static long without(long entry, long units, int common) {
        long bits = Integer.toUnsignedLong(common);
        if (JournalSlot.type(entry) == JournalSlot.SECTIONS) {
            if (common != ALL_SPANS) {
                throw new Violation("a part of a run of sections is freed: " + JournalSlot.toString(units));
            }
            bits = 1L << JournalSlot.unit(units) - JournalSlot.unit(entry);
        }
        long rest = entry & ~bits;
        return (int) rest == 0 ? 0 : rest;
    }
}
