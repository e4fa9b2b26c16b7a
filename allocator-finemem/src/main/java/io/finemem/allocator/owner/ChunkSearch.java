package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.OpenSpan;

/**
 * Finds room for blocks of 4 to 64 KiB: in working spans that are calm; then in a new span, made from an empty one; then in
 * contended working spans; then in any open span of the pool, with fresh headers. Only the last step finding nothing means
 * that the node has no room.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class ChunkSearch {
    private static final int HIGH_CONTENTION = 2;
    private static final int FULL = -1;

    private final LaneContext lane;
    private final PoolCache cache;
    private final WorkingSpans working;
    private final ClaimChunks claim;
    private final FreeChunks free;
    private final OpenSpan open;
    private final int emptySpansKept;

    ChunkSearch(LaneContext lane, AllocatorOptions options) {
        this.lane = lane;
        this.cache = lane.cache();
        this.working = lane.working();
        this.claim = new ClaimChunks(lane.layout(), options.contention());
        this.free = new FreeChunks(lane.layout());
        this.open = new OpenSpan(lane.layout());
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
        return claimInWorkingSpans(order, slot, false, block)
                || lane.collectRevoked() && claimInWorkingSpans(order, slot, false, block)
                || claimInNewSpan(order, slot, block)
                || claimInWorkingSpans(order, slot, true, block)
                || claimAnywhere(order, slot, block);
    }

    private boolean claimInWorkingSpans(int order, int slot, boolean contended, Placement block) {
        for (int i = working.size() - 1; i >= 0; i--) {
            int span = working.get(i);
            long header = cache.header(span);
            if (!SpanHeader.open(header) || SpanHeader.map(header) == FULL) {
                working.removeAt(i);
                continue;
            }
            boolean wanted = SpanHeader.contention(header) == HIGH_CONTENTION == contended;
            if (wanted && claimIn(span, order, slot, block)) {
                return true;
            }
        }
        return false;
    }

    private boolean claimIn(int span, int order, int slot, Placement block) {
        long header = cache.header(span);
        if (!SpanDecisions.claimable(header, order)) {
            return false;
        }
        lane.run(claim.prepare(span, order, lane.journalSlot(slot), header), slot, LaneContext.NO_SLOT);
        lane.countRetries(claim.failedAttempts());
        cache.setHeader(span, claim.header());
        if (claim.state() != ClaimChunks.State.CLAIMED) {
            return false;
        }
        block.chunks(span, claim.chunk(), order, slot, claim.rkey(), SpanHeader.version(claim.header()));
        return true;
    }

    private boolean claimInNewSpan(int order, int slot, Placement block) {
        if (openKnownEmptySpan(order, slot, block)) {
            return true;
        }
        lane.refreshSections();
        return openKnownEmptySpan(order, slot, block);
    }

    private boolean openKnownEmptySpan(int order, int slot, Placement block) {
        while (true) {
            int section = cache.sectionWithEmptyRun(lane.section(), 0);
            if (section < 0) {
                return false;
            }
            lane.setSection(section);
            int span = Geometry.spanOf(section, SectionDecisions.emptyRun(cache.sectionWord(section), 0));
            if (open(span, order, slot, block)) {
                return true;
            }
        }
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

    /** Looks at every header of the pool, from the lane's part on. */
    private boolean claimAnywhere(int order, int slot, Placement block) {
        int parts = lane.parts();
        int start = lane.startPart();
        for (int i = 0; i < parts; i++) {
            int part = (start + i) % parts;
            lane.refreshHeaders(part);
            if (claimInPart(part, order, slot, block)) {
                return true;
            }
        }
        return false;
    }

    private boolean claimInPart(int part, int order, int slot, Placement block) {
        int first = lane.partStart(part);
        int spans = lane.partEnd(part) - first;
        int start = lane.startSpan() % spans;
        for (int i = 0; i < spans; i++) {
            int span = first + (start + i) % spans;
            if (claimThough(span, order, slot, block)) {
                working.add(span);
                return true;
            }
        }
        return false;
    }

    /** However contended the span is: a claim that fails was overtaken by another that did not. */
    private boolean claimThough(int span, int order, int slot, Placement block) {
        while (SpanDecisions.claimable(cache.header(span), order)) {
            if (claimIn(span, order, slot, block)) {
                return true;
            }
        }
        return false;
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
