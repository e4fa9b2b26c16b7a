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
    private boolean scarce;

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
     * Claims a block, or more of those wanted if one compare-and-swap can do it. A calm working span is taken if it has room
     * for half of them: a new span costs two round trips.
     *
     * @param order log2 of chunks, 0 to 4
     * @param claims offers slots, and takes the places of the blocks
     * @return whether there was room for one
     */
    boolean claim(int order, Claims claims) {
        int needed = Math.min(claims.needed(), claims.offered());
        steps.start(order, scarce ? 1 : (needed + 1) / 2);
        while (true) {
            switch (steps.next()) {
                case CLAIM -> {
                    if (claimIn(steps.span(), order, claims)) {
                        working.changed(steps.span(), claim.failedAttempts() == 0);
                        return true;
                    }
                }
                case OPEN -> {
                    lane.setSection(steps.section());
                    if (open(steps.span(), order, claims)) {
                        return true;
                    }
                }
                case COLLECT_REVOKED -> {
                    if (!lane.collectRevoked()) {
                        steps.nothingRevoked();
                    }
                }
                case REFRESH_SECTIONS -> lane.refreshSections();
                case REFRESH_HEADERS -> {
                    scarce = true;
                    lane.refreshHeaders(steps.part());
                    if (needed > 1) {
                        workInPart(steps.part(), order);
                    }
                }
                case NO_ROOM -> {
                    return false;
                }
            }
        }
    }

    /** So that the rest of the blocks is claimed in one span after the other, without a look at all of them each time. */
    private void workInPart(int part, int order) {
        for (int span = lane.partStart(part); span < lane.partEnd(part); span++) {
            if (SpanDecisions.claimable(cache.header(span), order)) {
                working.add(span);
            }
        }
    }

    private boolean claimIn(int span, int order, Claims claims) {
        long header = cache.header(span);
        boolean calm = SpanHeader.contention(header) == 0 && !scarce;
        int count = calm ? claims.offered() : Math.min(claims.needed(), claims.offered());
        claim.prepare(span, order, claims.journalSlots(), count, Math.min(claims.needed(), count), header);
        lane.run(claim, claims.slots(), count, LaneContext.NO_SLOT);
        lane.countRetries(claim.failedAttempts());
        cache.setHeader(span, claim.header());
        if (claim.state() != ClaimChunks.State.CLAIMED) {
            return false;
        }
        int version = SpanHeader.version(claim.header());
        for (int i = 0; i < claim.blocks(); i++) {
            int slot = claims.nextSlot();
            claims.add().chunks(span, claim.chunk(i), order, slot, claim.rkey(i), version);
        }
        return true;
    }

    private boolean open(int span, int order, Claims claims) {
        int section = Geometry.sectionOf(span);
        int transition = lane.takeSlot();
        int count = claims.offered();
        long word = cache.sectionWord(section);
        open.prepare(span, order, lane.journalSlot(transition), claims.journalSlots(), count, word);
        lane.run(open, claims.slots(), count, transition);
        lane.slots().give(transition);
        lane.countRetries(open.failedAttempts());
        cache.setSectionWord(section, open.sectionWord());
        if (open.state() != OpenSpan.State.OPENED) {
            return false;
        }
        scarce = false;
        cache.setHeader(span, open.header());
        working.add(span);
        int version = SpanHeader.version(open.header());
        for (int i = 0; i < open.blocks(); i++) {
            int slot = claims.nextSlot();
            claims.add().chunks(span, open.chunk(i), order, slot, open.rkey(i), version);
        }
        return true;
    }

    /** Whether no empty span was found when one was looked for last: nothing is to be kept from others. */
    boolean scarce() {
        return scarce;
    }

    /** Frees the chunks of a block: one round trip, never repeated. */
    void free(OwnedBlock block) {
        int span = block.unit();
        boolean confirmed = block.confirmed();
        lane.run(
                free.prepare(span, block.mask(), lane.journalSlot(block.slot()), confirmed),
                block.slot(),
                LaneContext.NO_SLOT);
        boolean undisturbed = free.header() == SpanDecisions.freed(cache.header(span), block.mask());
        cache.setHeader(span, free.header());
        working.changed(span, undisturbed);
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
