package io.finemem.allocator.decision;

import io.finemem.allocator.layout.SectionWord;

/** What may be done with the spans of a section, and what its word becomes. */
public final class SectionDecisions {
    /** There is no such span. */
    public static final int NONE = -1;

    private SectionDecisions() {}

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
