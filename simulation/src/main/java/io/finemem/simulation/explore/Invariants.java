package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.simulation.step.Violation;

/** What must hold in every state: I1 to I5 of the protocol, and that owners hold what they believe to hold. */
final class Invariants {
    private static final int ALL_SPANS = 0xffff;

    private final Words words;
    private final int spansOutOfUse;
    private final boolean inside;
    private final StrictInvariants strict;

    Invariants(Words words, int spansOutOfUse, boolean inside) {
        this.words = words;
        this.spansOutOfUse = spansOutOfUse;
        this.inside = inside;
        this.strict = new StrictInvariants(words);
    }

    void check(State state) {
        for (int span = 0; span < words.spans; span++) {
            chunksHaveOneHolder(state, span);
            spanAndSectionAgree(state, span);
        }
        for (int section = 0; section < words.sections; section++) {
            spansHaveOneHolder(state, section);
        }
        strict.check(state);
        for (int i = 0; i < words.owners; i++) {
            for (int slot = 0; slot < words.slotsPerOwner; slot++) {
                slotTellsTheTruth(state, i, slot);
            }
        }
    }

    /** I1. */
    private void chunksHaveOneHolder(State state, int span) {
        int map = SpanHeader.map(state.words[words.header(span)]);
        int held = 0;
        for (OwnerState owner : state.owners) {
            for (long entry : owner.ghost) {
                held = union(held, JournalSlot.coveredChunks(entry, span), "I1: two holders of chunks of span ", span);
            }
        }
        require(held == map, "I1: the map is not what its holders hold: span ", span);
    }

    /** I1. */
    private void spansHaveOneHolder(State state, int section) {
        int taken = SectionWord.takenSpans(state.words[words.section(section)]);
        int held = section == 0 ? spansOutOfUse : 0;
        for (OwnerState owner : state.owners) {
            for (long entry : owner.ghost) {
                held = union(held, heldSpans(entry, section), "I1: two holders of spans of section ", section);
            }
        }
        require(held == taken, "I1: the taken spans are not what their holders hold: section ", section);
    }

    private static int heldSpans(long entry, int section) {
        if (entry == 0 || JournalSlot.type(entry) != JournalSlot.SECTIONS) {
            return JournalSlot.coveredSpans(entry, section);
        }
        int position = section - JournalSlot.unit(entry);
        return position >= 0 && position < Integer.SIZE && (entry >>> position & 1) != 0 ? ALL_SPANS : 0;
    }

    private static int union(int held, int more, String what, int number) {
        require((held & more) == 0, what, number);
        return held | more;
    }

    /** I3 and I4. */
    private void spanAndSectionAgree(State state, int span) {
        long header = state.words[words.header(span)];
        int spanState = SectionWord.state(state.words[words.section(span / 16)], span % 16);
        boolean open = spanState == SectionWord.OPEN || spanState == SectionWord.DISCOURAGED;
        boolean unused = !SpanHeader.open(header) && SpanHeader.map(header) == 0;
        require(open || unused, "I3: a span in use is not open in its section: span ", span);
        require(SpanHeader.map(header) == 0 || SpanHeader.open(header), "I3: chunks are in use in closed span ", span);
        int parties = parties(state, span);
        require(parties == (open && unused ? 1 : 0), "I4: parties in transition are not one or none: span ", span);
    }

    private int parties(State state, int span) {
        long entry = JournalSlot.transition(span);
        int parties = 0;
        for (OwnerState owner : state.owners) {
            for (long ghost : owner.ghost) {
                parties += ghost == entry ? 1 : 0;
            }
        }
        return parties;
    }

    private void slotTellsTheTruth(State state, int number, int slot) {
        OwnerState owner = state.owners[number];
        long ghost = owner.ghost[slot];
        long word = state.words[words.slot(number, slot)];
        if (owner.held[slot] != 0 && !holds(ghost, owner.held[slot])) {
            throw violation("an owner does not hold the block that it believes to hold", number, slot);
        }
        if (!inside) {
            return;
        }
        if (ghost != 0 && !covers(word, ghost)) {
            throw violation("I2: the slot does not cover what is held", number, slot);
        }
        boolean binding = owner.status == OwnerState.LIVE && (owner.doubt >>> slot & 1) == 0;
        if (JournalSlot.kind(word) == JournalSlot.OWNED && binding && !holds(ghost, word)) {
            throw violation("I5: a false promise", number, slot);
        }
    }

    /** Whether a slot's word names everything that is held under it. */
    private static boolean covers(long word, long ghost) {
        if (JournalSlot.kind(word) == JournalSlot.EMPTY || word << 2 >>> 34 != ghost << 2 >>> 34) {
            return false;
        }
        if (JournalSlot.type(ghost) == JournalSlot.SECTIONS) {
            return Integer.SIZE - Integer.numberOfLeadingZeros((int) ghost) <= JournalSlot.mask(word);
        }
        return (ghost & ~word & 0xffff_ffffL) == 0;
    }

    /** Whether everything that an entry names is held. */
    private static boolean holds(long ghost, long entry) {
        if (ghost == 0 || entry << 2 >>> 34 != ghost << 2 >>> 34) {
            return false;
        }
        if (JournalSlot.type(ghost) == JournalSlot.SECTIONS) {
            return (int) ghost == (1 << JournalSlot.mask(entry)) - 1;
        }
        return (entry & ~ghost & 0xffff_ffffL) == 0;
    }

    private static void require(boolean condition, String text, int number) {
        if (!condition) {
            throw new Violation(text + number);
        }
    }

    private static Violation violation(String text, int owner, int slot) {
        return new Violation(text + ": slot " + slot + " of owner " + (char) ('A' + owner));
    }
}
