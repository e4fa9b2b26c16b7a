package io.finemem.allocator.owner;

import io.finemem.allocator.search.PoolView;

/** The words of a memory node as they will be once all that is under way has executed. */
record ForeseenPool(PoolCache cache, Foresight headers, Foresight sectionWords) implements PoolView {
    @Override
    public long header(int span) {
        return headers.holds(span) ? headers.word(span) : cache.header(span);
    }

    @Override
    public long sectionWord(int section) {
        return sectionWords.holds(section) ? sectionWords.word(section) : cache.sectionWord(section);
    }

    @Override
    public int sections() {
        return cache.sections();
    }
}
