package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.decision.SectionDecisions;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.FreeChunks;
import io.finemem.allocator.procedure.OpenSpan;

/**
 * One worker's way to one memory node: where it looks for room, and the procedures it runs there.
 *
 * <p>The order of the search: working spans that are calm, then contended ones; then a new span from an empty one; then any
 * open span of the pool, with fresh headers. Only the last step finding nothing means that the node is full.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class Lane {
    private static final int HIGH_CONTENTION = 2;
    /** Sections whose headers fit a bulk read. */
    private static final int BULK_SECTIONS = ChainDriver.MAX_BULK_WORDS / Geometry.SPANS_PER_SECTION;

    private final NodeSession node;
    private final ChainDriver driver;
    private final HeapPort heap;
    private final MetadataLayout layout;
    private final PoolCache cache;
    private final WorkingSpans working;
    private final SlotCache slots;
    private final ClaimChunks claim;
    private final FreeChunks free;
    private final OpenSpan open;
    private final CloseSpan close;
    private final int emptySpansKept;
    private int section;
    private long retries;

    Lane(NodeSession node, ChainDriver driver, HeapPort heap, AllocatorOptions options, int startSection) {
        this.node = node;
        this.driver = driver;
        this.heap = heap;
        this.layout = node.layout();
        this.cache = node.cache();
        this.working = new WorkingSpans(layout.spans());
        this.slots = new SlotCache(node.slots());
        this.claim = new ClaimChunks(layout, options.contention());
        this.free = new FreeChunks(layout);
        this.open = new OpenSpan(layout);
        this.close = new CloseSpan(layout);
        this.emptySpansKept = options.emptySpansKept();
        this.section = startSection;
    }

    NodeSession node() {
        return node;
    }

    HeapPort heap() {
        return heap;
    }

    /** Compare-and-swaps of claims and openings that found another value. */
    long retries() {
        return retries;
    }

    /**
     * Claims a block.
     *
     * @param order log2 of chunks, 0 to 4
     * @param block takes the place of the block if it was claimed
     * @return whether there was room
     */
    boolean allocate(int order, Placement block) {
        int slot = slots.take();
        boolean claimed = claimInWorkingSpans(order, slot, false, block)
                || claimInNewSpan(order, slot, block)
                || claimInWorkingSpans(order, slot, true, block)
                || claimAnywhere(order, slot, block);
        if (!claimed) {
            slots.give(slot);
        }
        return claimed;
    }

    private boolean claimInWorkingSpans(int order, int slot, boolean contended, Placement block) {
        for (int i = working.size() - 1; i >= 0; i--) {
            int span = working.get(i);
            long header = cache.header(span);
            if (!SpanHeader.open(header) || SpanHeader.map(header) == -1) {
                working.removeAt(i);
                continue;
            }
            boolean wanted = SpanHeader.contention(header) == HIGH_CONTENTION == contended;
            if (wanted && SpanDecisions.claimable(header, order) && claim(span, order, slot, header, block)) {
                return true;
            }
        }
        return false;
    }

    private boolean claim(int span, int order, int slot, long header, Placement block) {
        driver.run(claim.prepare(span, order, node.slots().journalSlot(slot), header));
        retries += claim.failedAttempts();
        cache.setHeader(span, claim.header());
        if (claim.state() != ClaimChunks.State.CLAIMED) {
            return false;
        }
        block.set(span, claim.chunk(), order, slot, claim.rkey(), SpanHeader.version(claim.header()));
        return true;
    }

    private boolean claimInNewSpan(int order, int slot, Placement block) {
        if (openAndClaim(order, slot, block)) {
            return true;
        }
        refreshSections();
        return openAndClaim(order, slot, block);
    }

    private boolean openAndClaim(int order, int slot, Placement block) {
        while (true) {
            section = cache.sectionWithEmptySpan(Math.max(section, 0));
            if (section < 0) {
                return false;
            }
            int span = Geometry.spanOf(section, SectionDecisions.emptySpan(cache.sectionWord(section)));
            if (open(span, order, slot, block)) {
                return true;
            }
        }
    }

    private boolean open(int span, int order, int slot, Placement block) {
        int transition = slots.take();
        NodeSession owner = node;
        driver.run(open.prepare(
                span,
                order,
                owner.slots().journalSlot(transition),
                owner.slots().journalSlot(slot),
                cache.sectionWord(section)));
        slots.give(transition);
        retries += open.failedAttempts();
        cache.setSectionWord(section, open.sectionWord());
        if (open.state() != OpenSpan.State.OPENED) {
            return false;
        }
        cache.setHeader(span, open.header());
        working.add(span);
        block.set(span, 0, order, slot, open.rkey(), SpanHeader.version(open.header()));
        return true;
    }

    /** Reads all section words: one round trip per {@link ChainDriver#MAX_BULK_WORDS} sections. */
    private void refreshSections() {
        for (int first = 0; first < layout.sections(); first += ChainDriver.MAX_BULK_WORDS) {
            int count = Math.min(ChainDriver.MAX_BULK_WORDS, layout.sections() - first);
            driver.readWords(layout.sectionWord(first), count);
            for (int i = 0; i < count; i++) {
                cache.setSectionWord(first + i, driver.bulkWord(i));
            }
        }
    }

    /** Looks at every header of the pool, from this lane's section on. */
    private boolean claimAnywhere(int order, int slot, Placement block) {
        int blocks = (layout.sections() + BULK_SECTIONS - 1) / BULK_SECTIONS;
        int start = Math.max(section, 0) / BULK_SECTIONS;
        for (int i = 0; i < blocks; i++) {
            int first = (start + i) % blocks * BULK_SECTIONS;
            refreshHeaders(first, Math.min(BULK_SECTIONS, layout.sections() - first));
            if (claimInSections(first, Math.min(first + BULK_SECTIONS, layout.sections()), order, slot, block)) {
                return true;
            }
        }
        return false;
    }

    private void refreshHeaders(int firstSection, int sections) {
        int firstSpan = Geometry.spanOf(firstSection, 0);
        int count = sections * Geometry.SPANS_PER_SECTION;
        driver.readWords(layout.spanHeader(firstSpan), count);
        for (int i = 0; i < count; i++) {
            cache.setHeader(firstSpan + i, driver.bulkWord(i));
        }
    }

    private boolean claimInSections(int first, int end, int order, int slot, Placement block) {
        int endSpan = Geometry.spanOf(end, 0);
        for (int span = Geometry.spanOf(first, 0); span < endSpan; span++) {
            long header = cache.header(span);
            if (SpanDecisions.claimable(header, order) && claim(span, order, slot, header, block)) {
                working.add(span);
                return true;
            }
        }
        return false;
    }

    /** Frees the chunks of a block and its slot: one round trip, never repeated. */
    void free(OwnedBlock block) {
        SlotPool pool = node.slots();
        int span = block.span();
        driver.run(free.prepare(span, block.chunkMask(), pool.journalSlot(block.slot()), false));
        cache.setHeader(span, free.header());
        pool.setBlock(block.slot(), null);
        slots.give(block.slot());
        working.add(span);
    }

    /** Closes the span if a free left it empty and the lane keeps enough empty ones: two round trips. */
    void trim(int span) {
        if (!SpanDecisions.closable(cache.header(span)) || emptyWorkingSpans() <= emptySpansKept) {
            return;
        }
        closeSpan(span);
    }

    /** Closes all empty spans that the lane knows. */
    void closeEmptySpans() {
        for (int i = working.size() - 1; i >= 0; i--) {
            int span = working.get(i);
            if (SpanDecisions.closable(cache.header(span))) {
                closeSpan(span);
            }
        }
    }

    private void closeSpan(int span) {
        int sectionOfSpan = Geometry.sectionOf(span);
        int transition = slots.take();
        driver.run(close.prepare(
                span, node.slots().journalSlot(transition), cache.header(span), cache.sectionWord(sectionOfSpan)));
        slots.give(transition);
        cache.setHeader(span, close.header());
        if (close.state() == CloseSpan.State.CLOSED) {
            cache.setSectionWord(sectionOfSpan, close.sectionWord());
            working.remove(span);
        }
    }

    private int emptyWorkingSpans() {
        int empty = 0;
        for (int i = 0; i < working.size(); i++) {
            empty += SpanDecisions.closable(cache.header(working.get(i))) ? 1 : 0;
        }
        return empty;
    }

    void close() {
        heap.close();
        driver.close();
    }
}
