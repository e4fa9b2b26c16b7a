package io.finemem.allocator.owner;

import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.procedure.ClaimSections;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.FreeSpans;

/**
 * Finds room for blocks of whole spans, 128 KiB and more: with section words as last seen; then with fresh ones; then after
 * all open spans of the pool that hold nothing were closed. Only the last step finding nothing means that the node has no
 * room.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class SpanSearch {
    private final LaneContext lane;
    private final PoolCache cache;
    private final ClaimSpans claimSpans;
    private final ClaimSections claimSections;
    private final FreeSpans free;

    SpanSearch(LaneContext lane) {
        this.lane = lane;
        this.cache = lane.cache();
        this.claimSpans = new ClaimSpans(lane.layout());
        this.claimSections = new ClaimSections(lane.layout());
        this.free = new FreeSpans(lane.layout());
    }

    /**
     * Claims spans of one section: a block, or more of those wanted if one compare-and-swap can do it.
     *
     * @param spanOrder log2 of spans, 0 to 4
     * @param claims offers slots, and takes the places of the blocks
     * @return whether there was room for one
     */
    boolean claimSpans(int spanOrder, Claims claims) {
        if (claimKnownRun(spanOrder, claims)) {
            return true;
        }
        lane.refreshSections();
        if (claimKnownRun(spanOrder, claims)) {
            return true;
        }
        lane.closeEmptySpansOfPool();
        lane.refreshSections(); // others may have closed them first
        return claimKnownRun(spanOrder, claims);
    }

    private boolean claimKnownRun(int spanOrder, Claims claims) {
        int count = claims.offered();
        while (true) {
            int section = cache.sectionWithEmptyRun(lane.section(), spanOrder);
            if (section < 0) {
                return false;
            }
            claimSpans.prepare(section, spanOrder, claims.journalSlots(), count, cache.sectionWord(section));
            lane.run(claimSpans, claims.slots(), count, LaneContext.NO_SLOT);
            lane.countRetries(claimSpans.failedAttempts());
            cache.setSectionWord(section, claimSpans.word());
            if (claimSpans.state() == ClaimSpans.State.CLAIMED) {
                int version = SectionWord.version(claimSpans.word());
                for (int i = 0; i < claimSpans.blocks(); i++) {
                    int slot = claims.nextSlot();
                    claims.add().spans(section, claimSpans.firstSpan(i), spanOrder, slot, claimSpans.rkey(i), version);
                }
                return true;
            }
        }
    }

    /**
     * Claims consecutive sections: one block.
     *
     * @param count sections, 1 or more
     * @param claims offers a slot, and takes the place of the block
     * @return whether there was room
     */
    boolean claimSections(int count, Claims claims) {
        if (claimKnownSections(count, claims)) {
            return true;
        }
        lane.refreshSections();
        if (claimKnownSections(count, claims)) {
            return true;
        }
        lane.closeEmptySpansOfPool();
        lane.refreshSections();
        return claimKnownSections(count, claims);
    }

    private boolean claimKnownSections(int count, Claims claims) {
        int slot = claims.nextSlot();
        while (true) {
            int first = cache.emptySections(count);
            if (first < 0) {
                return false;
            }
            claimSections.prepare(first, count, lane.journalSlot(slot));
            for (int i = 0; i < count; i++) {
                claimSections.expect(i, cache.sectionWord(first + i));
            }
            lane.run(claimSections, slot, LaneContext.NO_SLOT);
            lane.countRetries(claimSections.failedAttempts());
            for (int i = 0; i < count; i++) {
                cache.setSectionWord(first + i, claimSections.word(i));
            }
            if (claimSections.state() == ClaimSections.State.CLAIMED) {
                int version = SectionWord.version(claimSections.word(0));
                claims.add().sections(first, count, slot, claimSections.rkey(), claimSections.rkeys(), version);
                return true;
            }
        }
    }

    /** Frees the spans of a block: one round trip per {@link FreeSpans#SECTIONS_PER_CHAIN} sections, never repeated. */
    void free(OwnedBlock block) {
        int first = block.unit();
        long pending = block.confirmed() ? block.pendingEntry() : 0;
        free.prepare(first, block.sections(), block.mask(), lane.journalSlot(block.slot()), pending);
        lane.run(free, block.slot(), LaneContext.NO_SLOT);
        for (int i = 0; i < block.sections(); i++) {
            cache.setSectionWord(first + i, free.word(i));
        }
    }
}
