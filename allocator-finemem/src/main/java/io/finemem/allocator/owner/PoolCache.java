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

    /** First section at or after {@code start}, wrapping around, that has an empty span, or -1. */
    int sectionWithEmptySpan(int start) {
        int sections = sections();
        for (int i = 0; i < sections; i++) {
            int section = start + i < sections ? start + i : start + i - sections;
            if (SectionDecisions.emptySpan(sectionWord(section)) != SectionDecisions.NONE) {
                return section;
            }
        }
        return -1;
    }
}
