package io.finemem.allocator.decision;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;

/**
 * What a journal slot of a predecessor means to its successor, once nothing of the predecessor executes any more. Slots of entries in
 * a revoke ring, and those that the memory node still decides, are not asked about here.
 *
 * <pre>
 *   slot says     and                               it is
 *   ---------------------------------------------------------------------------------
 *   EMPTY                                           free
 *   units         some not in use                   free: its entry is stale
 *   units         all in use, recorded as held      held
 *   units         all in use, not recorded          in doubt
 *   transition                                      in doubt
 * </pre>
 *
 * Units not all in use are not held, since one CAS claims all units of a slot; of a run of sections, which takes several, none may be
 * in use. That is so for words torn by a change as well: a unit that is held is in use in each of their values. Units in use may be
 * another owner's by now, or this owner's under another slot, and only RESOLVE can tell.
 */
public final class ResumeDecisions {
    private static final int ALL_SPANS = Geometry.spanMask(0, Geometry.SPANS_PER_SECTION_SHIFT);

    /** What a slot means. */
    public enum Verdict {
        /** Nothing is held under it. */
        FREE,
        /** The block that was recorded is held under it. */
        HELD,
        /** RESOLVE has to decide, and gives back what is held under it. */
        DOUBT
    }

    private ResumeDecisions() {}

    /** Words that say whether the units are in use that a slot names; 0 if it names none. */
    public static int words(long slot) {
        if (JournalSlot.kind(slot) == JournalSlot.EMPTY) {
            return 0;
        }
        return switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS, JournalSlot.SPANS -> 1;
            case JournalSlot.SECTIONS -> JournalSlot.mask(slot);
            default -> 0;
        };
    }

    /** Whether all units that a slot names in a word are in use. */
    public static boolean inUse(long slot, long word) {
        int mask = JournalSlot.type(slot) == JournalSlot.SECTIONS ? ALL_SPANS : JournalSlot.mask(slot);
        int used = JournalSlot.type(slot) == JournalSlot.CHUNKS ? SpanHeader.map(word) : SectionWord.takenSpans(word);
        return (used & mask) == mask;
    }

    /**
     * What a slot means.
     *
     * @param slot what it says
     * @param recorded what it must say, as PENDING, if the block that was recorded as held is; 0 if none was
     * @param inUse of its {@link #words}, in how many all its units were {@link #inUse} when they were read after the fence
     */
    public static Verdict of(long slot, long recorded, int inUse) {
        int words = words(slot);
        if (words == 0) {
            return JournalSlot.kind(slot) == JournalSlot.EMPTY ? Verdict.FREE : Verdict.DOUBT;
        }
        if (inUse == 0) {
            return Verdict.FREE;
        }
        return inUse == words && recorded == JournalSlot.pending(slot) ? Verdict.HELD : Verdict.DOUBT;
    }
}
