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
     * Claims spans of one section.
     *
     * @param spanOrder log2 of spans, 0 to 4
     * @param slot free journal slot; taken if and only if the block was claimed
     * @param block takes the place of the block if it was claimed
     */
    boolean claimSpans(int spanOrder, int slot, Placement block) {
        if (claimKnownRun(spanOrder, slot, block)) {
            return true;
        }
        lane.refreshSections();
        if (claimKnownRun(spanOrder, slot, block)) {
            return true;
        }
        lane.closeEmptySpansOfPool();
        lane.refreshSections(); // others may have closed them first
        return claimKnownRun(spanOrder, slot, block);
    }

    private boolean claimKnownRun(int spanOrder, int slot, Placement block) {
        while (true) {
            int section = cache.sectionWithEmptyRun(lane.section(), spanOrder);
            if (section < 0) {
                return false;
            }
            claimSpans.prepare(section, spanOrder, lane.journalSlot(slot), cache.sectionWord(section));
            lane.run(claimSpans, slot, LaneContext.NO_SLOT);
            lane.countRetries(claimSpans.failedAttempts());
            cache.setSectionWord(section, claimSpans.word());
            if (claimSpans.state() == ClaimSpans.State.CLAIMED) {
                int version = SectionWord.version(claimSpans.word());
                block.spans(section, claimSpans.firstSpan(), spanOrder, slot, claimSpans.rkey(), version);
                return true;
            }
        }
    }

    /**
     * Claims consecutive sections.
     *
     * @param count sections, 1 or more
     * @param slot free journal slot; taken if and only if the block was claimed
     * @param block takes the place of the block if it was claimed
     */
    boolean claimSections(int count, int slot, Placement block) {
        if (claimKnownSections(count, slot, block)) {
            return true;
        }
        lane.refreshSections();
        if (claimKnownSections(count, slot, block)) {
            return true;
        }
        lane.closeEmptySpansOfPool();
        lane.refreshSections();
        return claimKnownSections(count, slot, block);
    }

    private boolean claimKnownSections(int count, int slot, Placement block) {
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
                block.sections(first, count, slot, claimSections.rkey(), claimSections.rkeys(), version);
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
