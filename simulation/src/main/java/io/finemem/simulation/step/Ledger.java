package io.finemem.simulation.step;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;

/** Judges every change of a header or a section word by who made it, and keeps the holdings. */
public final class Ledger {
    /** In place of a slot: there is none. */
    public static final int NONE = -1;

    private static final long HEADER_VERSION = 1L << 35;
    private static final int ALL_SPANS = 0xffff;

    private final Holdings holdings;

    /** Keeps these holdings. */
    public Ledger(Holdings holdings) {
        this.holdings = holdings;
    }

    /**
     * Who changes a word.
     *
     * @param resolver whether it is the memory node's resolver
     * @param slot journal slot of the block, or NONE
     * @param transition journal slot of the transition, or NONE
     * @param firstOfRun first section of a run that is claimed, or NONE
     */
    public record Actor(boolean resolver, int slot, int transition, int firstOfRun) {
        /** The memory node's resolver. */
        public static final Actor RESOLVER = new Actor(true, NONE, NONE, NONE);
    }

    /** A fetch-and-add on a header may only clear bits that are set. */
    public static void checkBorrow(int span, long before, long addend) {
        int mask = (int) (HEADER_VERSION - addend);
        if ((SpanHeader.map(before) & mask) != mask) {
            throw new Violation("chunks " + Integer.toHexString(mask) + " of span " + span + " are freed, but "
                    + SpanHeader.toString(before) + " has them free already");
        }
    }

    /** A header changed. */
    public void headerChanged(Actor actor, int span, long before, long after) {
        int taken = SpanHeader.map(after) & ~SpanHeader.map(before);
        int freed = SpanHeader.map(before) & ~SpanHeader.map(after);
        if (taken != 0) {
            take(actor.slot(), JournalSlot.pendingChunks(span, taken));
        }
        if (freed != 0) {
            giveBack(actor, JournalSlot.pendingChunks(span, freed));
        }
        if (SpanHeader.open(before) == SpanHeader.open(after)) {
            return;
        }
        if (actor.resolver()) {
            freezeOrThaw(span, !SpanHeader.open(after));
        } else if (SpanHeader.open(after)) {
            endTransition(actor, span);
        } else {
            take(actor.transition(), JournalSlot.transition(span));
        }
    }

    private void freezeOrThaw(int span, boolean frozen) {
        if (holdings.frozen(span) == frozen) {
            throw new Violation("the resolver opens span " + span + ", which it has not frozen");
        }
        holdings.setFrozen(span, frozen);
    }

    /** A section word changed. */
    public void sectionChanged(Actor actor, int section, long before, long after) {
        int taken = SectionWord.emptySpans(before) & SectionWord.takenSpans(after);
        int freed = SectionWord.takenSpans(before) & SectionWord.emptySpans(after);
        if (taken != 0) {
            take(actor.slot(), takenEntry(actor, section, taken));
        }
        if (freed != 0) {
            giveBack(actor, JournalSlot.pendingSpans(section, freed));
        }
        int other = SectionWord.openSpans(before) | SectionWord.openSpans(after);
        for (int rest = other; rest != 0; rest &= rest - 1) {
            openingChanged(actor, section, Integer.numberOfTrailingZeros(rest), before, after);
        }
    }

    private static long takenEntry(Actor actor, int section, int spans) {
        int first = actor.firstOfRun();
        return first == NONE
                ? JournalSlot.pendingSpans(section, spans)
                : JournalSlot.pendingSections(first, 1 << section - first);
    }

    private void openingChanged(Actor actor, int section, int position, long before, long after) {
        int span = Geometry.spanOf(section, position);
        int from = SectionWord.state(before, position);
        int to = SectionWord.state(after, position);
        if (from == SectionWord.TAKEN || to == SectionWord.TAKEN) {
            throw new Violation("span " + span + " goes from state " + from + " to state " + to);
        }
        if (from == SectionWord.EMPTY) {
            take(actor.transition(), JournalSlot.transition(span));
        } else if (to == SectionWord.EMPTY && actor.resolver() && holdings.frozen(span)) {
            holdings.setFrozen(span, false);
        } else if (to == SectionWord.EMPTY) {
            endTransition(actor, span);
        }
    }

    private void take(int slot, long entry) {
        if (slot == NONE) {
            throw new Violation("units are taken by somebody who has no slot for them: " + JournalSlot.toString(entry));
        }
        long known = holdings.entry(slot);
        if (known != 0 && known >>> 32 != entry >>> 32) {
            throw new Violation(holdings.name(slot) + " stands for two things: " + JournalSlot.toString(known) + " and "
                    + JournalSlot.toString(entry));
        }
        holdings.setEntry(slot, known | entry);
    }

    private void endTransition(Actor actor, int span) {
        long entry = JournalSlot.transition(span);
        if (!actor.resolver()) {
            if (actor.transition() == NONE || holdings.entry(actor.transition()) != entry) {
                throw new Violation("span " + span + " is opened or closed by an owner that is not in transition");
            }
            holdings.setEntry(actor.transition(), 0);
            return;
        }
        for (int slot = 0; slot < holdings.slots(); slot++) {
            if (holdings.entry(slot) == entry) {
                requireResolvable(slot, "the live transition of span " + span + " is ended");
                holdings.setEntry(slot, 0);
                return;
            }
        }
        throw new Violation("the resolver ends a transition of span " + span + " that nobody is in");
    }

    private void requireResolvable(int slot, String what) {
        if (!holdings.resolvable(slot)) {
            throw new Violation(what + " by the resolver; it is that of " + holdings.name(slot) + ", which is alive");
        }
    }

    private void giveBack(Actor actor, long units) {
        int rest = JournalSlot.mask(units);
        if (actor.resolver()) {
            for (int slot = 0; slot < holdings.slots(); slot++) {
                rest &= ~remove(slot, units, true);
            }
        } else if (actor.slot() != NONE) {
            rest &= ~remove(actor.slot(), units, false);
        }
        if (rest != 0) {
            String who = actor.resolver() ? "the resolver" : "an owner";
            throw new Violation(who + " frees what is not its to free: " + JournalSlot.toString(units));
        }
    }

    /** Takes units out of an entry; gives those that were in it. */
    private int remove(int slot, long units, boolean resolver) {
        long entry = holdings.entry(slot);
        int common = overlap(entry, units);
        if (common == 0) {
            return 0;
        }
        if (resolver) {
            requireResolvable(slot, "a live block is reclaimed");
        }
        holdings.setEntry(slot, without(entry, units, common));
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
