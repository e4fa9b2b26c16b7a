package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;

/**
 * Claims a block of 4 to 64 KiB in an open span, or several of one size, with one chain per attempt:
 *
 * <pre>
 *   [WRITE slot = PENDING span mask] per block  [CAS header: map | masks, version + 1]  [READ capability] per pair of rkeys
 * </pre>
 *
 * The claim is given up when the span is closed, has no fitting run, or was contended too often; {@link #header()} says why.
 */
public final class ClaimChunks extends ClaimBlocks {
    private final ContentionThresholds thresholds;
    private int order;
    private int needed;

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimChunks(MetadataLayout layout, ContentionThresholds thresholds) {
        this(layout, thresholds, BlockBatch.ofChunks(layout));
    }

    private ClaimChunks(MetadataLayout layout, ContentionThresholds thresholds, BlockBatch batch) {
        super(layout, batch);
        this.thresholds = thresholds;
    }

    /**
     * Starts over.
     *
     * @param span where to claim
     * @param order log2 of chunks, 0 to 4
     * @param slot free journal slot of the owner without operations in flight
     * @param header the span's header as known; may be stale
     */
    public ClaimChunks prepare(int span, int order, int slot, long header) {
        batch.prepare(order, slot);
        return start(span, order, 1, header);
    }

    /**
     * Starts over, for several blocks.
     *
     * @param span where to claim
     * @param order log2 of chunks of each, 0 to 4
     * @param slots free journal slots of the owner without operations in flight; the first ones are taken by the blocks claimed
     * @param count blocks to claim, as far as there is room; 1 to the chunks of a span
     * @param needed of these, how many are claimed once an attempt has failed: where others work, nothing is taken ahead
     * @param header the span's header as known; may be stale
     */
    public ClaimChunks prepare(int span, int order, int[] slots, int count, int needed, long header) {
        batch.prepare(order, slots, count);
        return start(span, order, needed, header);
    }

    private ClaimChunks start(int span, int orderOfBlocks, int blocksNeeded, long header) {
        order = orderOfBlocks;
        needed = blocksNeeded;
        start(span, header);
        return this;
    }

    @Override
    void decide() {
        if (failedAttempts > thresholds.high() || !SpanDecisions.claimable(word, order)) {
            refuse();
            return;
        }
        batch.place(SpanHeader.map(word), failedAttempts == 0 ? batch.offered() : needed);
        attempt(SpanDecisions.claimed(word, batch.mask(), thresholds.level(failedAttempts)));
    }

    @Override
    long address() {
        return layout.spanHeader(container);
    }

    /**
     * After a failed attempt, where several claims in the span are under way on one connection: the next attempt starts from
     * the header that those posted after this one will leave, if they succeed.
     *
     * @param contended false if the attempt failed only because one that was posted before it did; it does not count then
     */
    public void startFrom(long foreseen, boolean contended) {
        if (!contended) {
            failedAttempts--;
        }
        word = foreseen;
        decide();
    }

    @Override
    public void state(StateSink sink) {
        super.state(sink);
        sink.number(needed);
        sink.number(failedAttempts);
    }

    @Override
    public ClaimChunks copy() {
        ClaimChunks copy = new ClaimChunks(layout, thresholds, batch.copy());
        copy.standAs(this);
        copy.order = order;
        copy.needed = needed;
        return copy;
    }

    /** The span's header as known now; after a claim, the one that the claim left. */
    public long header() {
        return word;
    }

    /** First chunk of the block in its span. */
    public int chunk() {
        return chunk(0);
    }

    /** First chunk of one of the blocks. */
    public int chunk(int block) {
        return batch.first(block);
    }

    /** Chunks of the block, or of all. */
    public int mask() {
        return batch.mask();
    }
}
