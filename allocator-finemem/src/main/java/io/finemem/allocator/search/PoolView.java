package io.finemem.allocator.search;

import io.finemem.allocator.decision.SectionDecisions;

/** The words of a memory node as last seen by whoever searches; all may be stale. */
public interface PoolView {
    /** There is no such section. */
    int NONE = -1;

    /** Header of a span. */
    long header(int span);

    /** Word of a section. */
    long sectionWord(int section);

    /** Sections of the pool. */
    int sections();

    /**
     * First section at or after {@code start}, wrapping around, with a run of empty spans for a block.
     *
     * @param spanOrder log2 of spans, 0 to 4
     * @return a section, or {@link #NONE}
     */
    default int sectionWithEmptyRun(int start, int spanOrder) {
        int sections = sections();
        for (int i = 0; i < sections; i++) {
            int section = start + i < sections ? start + i : start + i - sections;
            if (SectionDecisions.emptyRun(sectionWord(section), spanOrder) != SectionDecisions.NONE) {
                return section;
            }
        }
        return NONE;
    }

    /**
     * First of {@code count} consecutive sections without anything in use.
     *
     * @return the first section of the lowest run, or {@link #NONE}
     */
    default int emptySections(int count) {
        int run = 0;
        for (int section = 0; section < sections(); section++) {
            run = SectionDecisions.allEmpty(sectionWord(section)) ? run + 1 : 0;
            if (run == count) {
                return section - count + 1;
            }
        }
        return NONE;
    }
}
