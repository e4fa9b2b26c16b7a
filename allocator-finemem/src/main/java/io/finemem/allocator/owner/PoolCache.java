package io.finemem.allocator.owner;

import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.layout.MetadataLayout;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Headers and section words of one memory node as last seen by any worker of this owner. All entries may be stale: they are
 * only expected values for a compare-and-swap, which brings the current one if it fails.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; the latest store need not be the newest value.
 */
final class PoolCache {
    private final AtomicLongArray headers;
    private final AtomicLongArray sectionWords;

    PoolCache(MetadataLayout layout) {
        this.headers = new AtomicLongArray(layout.spans());
        this.sectionWords = new AtomicLongArray(layout.sections());
    }

    long header(int span) {
        return headers.getOpaque(span);
    }

    void setHeader(int span, long header) {
        headers.setOpaque(span, header);
    }

    long sectionWord(int section) {
        return sectionWords.getOpaque(section);
    }

    void setSectionWord(int section, long word) {
        sectionWords.setOpaque(section, word);
    }

    int sections() {
        return sectionWords.length();
    }

    /**
     * First section at or after {@code start}, wrapping around, with a run of empty spans for a block.
     *
     * @param spanOrder log2 of spans, 0 to 4
     * @return a section, or -1
     */
    int sectionWithEmptyRun(int start, int spanOrder) {
        int sections = sections();
        for (int i = 0; i < sections; i++) {
            int section = start + i < sections ? start + i : start + i - sections;
            if (SectionDecisions.emptyRun(sectionWord(section), spanOrder) != SectionDecisions.NONE) {
                return section;
            }
        }
        return -1;
    }

    /**
     * First of {@code count} consecutive sections without anything in use.
     *
     * @return the first section of the lowest run, or -1
     */
    int emptySections(int count) {
        int run = 0;
        for (int section = 0; section < sections(); section++) {
            run = SectionDecisions.allEmpty(sectionWord(section)) ? run + 1 : 0;
            if (run == count) {
                return section - count + 1;
            }
        }
        return -1;
    }
}
