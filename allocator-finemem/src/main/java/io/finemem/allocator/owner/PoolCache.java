package io.finemem.allocator.owner;

import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.search.PoolView;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Headers and section words of one memory node as last seen by any worker of this owner. All entries may be stale: they are
 * only expected values for a compare-and-swap, which brings the current one if it fails.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; the latest store need not be the newest value.
 */
final class PoolCache implements PoolView {
    private final AtomicLongArray headers;
    private final AtomicLongArray sectionWords;

    PoolCache(MetadataLayout layout) {
        this.headers = new AtomicLongArray(layout.spans());
        this.sectionWords = new AtomicLongArray(layout.sections());
    }

    @Override
    public long header(int span) {
        return headers.getOpaque(span);
    }

    void setHeader(int span, long header) {
        headers.setOpaque(span, header);
    }

    @Override
    public long sectionWord(int section) {
        return sectionWords.getOpaque(section);
    }

    void setSectionWord(int section, long word) {
        sectionWords.setOpaque(section, word);
    }

    @Override
    public int sections() {
        return sectionWords.length();
    }
}
