package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.search.ChunkSteps;
import io.finemem.allocator.search.WorkingSpans;

/**
 * Finds room for blocks of 4 to 64 KiB: executes what {@link ChunkSteps} decides.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class ChunkSearch {
    private final LaneContext lane;
    private final PoolCache cache;
    private final WorkingSpans working;
    private final ClaimChunks claim;
    private final FreeChunks free;
    private final OpenSpan open;
    private final ChunkSteps steps;
    private final int emptySpansKept;

    ChunkSearch(LaneContext lane, AllocatorOptions options) {
        this.lane = lane;
        this.cache = lane.cache();
        this.working = lane.working();
        this.claim = new ClaimChunks(lane.layout(), options.contention());
        this.free = new FreeChunks(lane.layout());
        this.open = new OpenSpan(lane.layout());
        this.steps = lane.chunkSteps(cache);
        this.emptySpansKept = options.emptySpansKept();
    }

    /**
     * Claims a block.
     *
     * @param order log2 of chunks, 0 to 4
     * @param slot free journal slot; taken if and only if the block was claimed
     * @param block takes the place of the block if it was claimed
     */
    boolean claim(int order, int slot, Placement block) {
        steps.start(order);
        while (true) {
            switch (steps.next()) {
                case CLAIM -> {
                    if (claimIn(steps.span(), order, slot, block)) {
                        working.add(steps.span());
                        return true;
                    }
                }
                case OPEN -> {
                    lane.setSection(steps.section());
                    if (open(steps.span(), order, slot, block)) {
                        return true;
                    }
                }
                case COLLECT_REVOKED -> {
                    if (!lane.collectRevoked()) {
                        steps.nothingRevoked();
                    }
                }
                case REFRESH_SECTIONS -> lane.refreshSections();
                case REFRESH_HEADERS -> lane.refreshHeaders(steps.part());
                case NO_ROOM -> {
                    return false;
                }
            }
        }
    }

    private boolean claimIn(int span, int order, int slot, Placement block) {
        long header = cache.header(span);
        lane.run(claim.prepare(span, order, lane.journalSlot(slot), header), slot, LaneContext.NO_SLOT);
        lane.countRetries(claim.failedAttempts());
        cache.setHeader(span, claim.header());
        if (claim.state() != ClaimChunks.State.CLAIMED) {
            return false;
        }
        block.chunks(span, claim.chunk(), order, slot, claim.rkey(), SpanHeader.version(claim.header()));
        return true;
    }

    private boolean open(int span, int order, int slot, Placement block) {
        int section = Geometry.sectionOf(span);
        int transition = lane.takeSlot();
        OpenSpan opening = open.prepare(
                span, order, lane.journalSlot(transition), lane.journalSlot(slot), cache.sectionWord(section));
        lane.run(opening, slot, transition);
        lane.slots().give(transition);
        lane.countRetries(open.failedAttempts());
        cache.setSectionWord(section, open.sectionWord());
        if (open.state() != OpenSpan.State.OPENED) {
            return false;
        }
        cache.setHeader(span, open.header());
        working.add(span);
        block.chunks(span, 0, order, slot, open.rkey(), SpanHeader.version(open.header()));
        return true;
    }

    /** Frees the chunks of a block: one round trip, never repeated. */
    void free(OwnedBlock block) {
        int span = block.unit();
        boolean confirmed = block.confirmed();
        lane.run(
                free.prepare(span, block.mask(), lane.journalSlot(block.slot()), confirmed),
                block.slot(),
                LaneContext.NO_SLOT);
        cache.setHeader(span, free.header());
        working.add(span);
    }

    /** Closes the span if a free left it empty and the lane keeps enough empty ones: two round trips. */
    void trim(int span) {
        Revocations revocations = lane.revocations();
        if (revocations != null) {
            if (revocations.many() && revocations.collect()) {
                closeSurplus();
            }
            return;
        }
        boolean surplus = SpanDecisions.closable(cache.header(span)) && emptyWorkingSpans() > emptySpansKept;
        if (surplus && lane.close(span)) {
            working.remove(span);
        }
    }

    private void closeSurplus() {
        int surplus = emptyWorkingSpans() - emptySpansKept;
        for (int i = working.size() - 1; i >= 0 && surplus > 0; i--) {
            int span = working.get(i);
            if (SpanDecisions.closable(cache.header(span)) && lane.close(span)) {
                working.removeAt(i);
                surplus--;
            }
        }
    }

    /** Closes all empty spans that the lane knows. */
    void closeEmptySpans() {
        for (int i = working.size() - 1; i >= 0; i--) {
            int span = working.get(i);
            if (SpanDecisions.closable(cache.header(span)) && lane.close(span)) {
                working.removeAt(i);
            }
        }
    }

    private int emptyWorkingSpans() {
        int empty = 0;
        for (int i = 0; i < working.size(); i++) {
            empty += SpanDecisions.closable(cache.header(working.get(i))) ? 1 : 0;
        }
        return empty;
    }
}
