package io.finemem.allocator.decision;

import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.SectionWord;

/** What may be done with the spans of a section, and what its word becomes. */
public final class SectionDecisions {
    /** There is no such span. */
    public static final int NONE = -1;

    private static final int ALL_SPANS = (1 << Geometry.SPANS_PER_SECTION) - 1;

    private SectionDecisions() {}

    /**
     * Position of the lowest run of empty spans that a block of {@code 2^spanOrder} spans can take.
     *
     * @param spanOrder 0 to 4
     * @return span 0 to 15, a multiple of 2^spanOrder, or {@link #NONE}
     */
    public static int emptyRun(long word, int spanOrder) {
        return SpanDecisions.freeRun(usedSpans(word), spanOrder);
    }

    /** Spans that are not empty; the upper half of the map is in use, so that a run ends with the section. */
    public static int usedSpans(long word) {
        return ~SectionWord.emptySpans(word);
    }

    /** Word after empty spans were taken whole. */
    public static long taken(long word, int spanMask) {
        return SectionWord.nextVersion(SectionWord.withStates(word, spanMask, SectionWord.TAKEN));
    }

    /** Word after a free of taken spans, as the fetch-and-add leaves it. */
    public static long freed(long word, int spanMask) {
        return word + SectionWord.freeAddend(spanMask);
    }

    /** Whether all spans are empty and closed: the section can be part of a larger block. */
    public static boolean allEmpty(long word) {
        return SectionWord.emptySpans(word) == ALL_SPANS;
    }

    /** Position of the lowest span that is empty and closed, or {@link #NONE}. */
    public static int emptySpan(long word) {
        int empty = SectionWord.emptySpans(word);
        return empty == 0 ? NONE : Integer.numberOfTrailingZeros(empty);
    }

    /** Whether a span may be opened: only from empty and closed. */
    public static boolean openable(long word, int spanInSection) {
        return SectionWord.state(word, spanInSection) == SectionWord.EMPTY;
    }

    /** Word after an empty span was opened for chunks. */
    public static long opened(long word, int spanInSection) {
        return SectionWord.nextVersion(SectionWord.withState(word, spanInSection, SectionWord.OPEN));
    }

    /** Whether a span counts as open, discouraged or not. */
    public static boolean open(long word, int spanInSection) {
        int state = SectionWord.state(word, spanInSection);
        return state == SectionWord.OPEN || state == SectionWord.DISCOURAGED;
    }

    /** Word after an open span was closed. */
    public static long closed(long word, int spanInSection) {
        return SectionWord.nextVersion(SectionWord.withState(word, spanInSection, SectionWord.EMPTY));
    }
}
