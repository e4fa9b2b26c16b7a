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
 * The slots are written before the CAS (rule R1), so a crash in between loses nothing, and each block has a slot of its own,
 * so that each is freed and recovered by itself. A failed CAS brings the current header: the next attempt starts from it and
 * overwrites the slots, whose stale entries say nothing. Of several blocks as many are claimed as fit. The claim is given up
 * when the span is closed, has no fitting run, or was contended too often.
 */
public final class ClaimChunks implements Procedure {
    /** Where a claim stands. */
    public enum State {
        /** The next attempt is to be posted. */
        ATTEMPT,
        /** The block is held, or the {@link #blocks} that fit. */
        CLAIMED,
        /** Nothing is held; {@link ClaimChunks#header()} says why. */
        REFUSED,
        /** The connection failed: held or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private final ContentionThresholds thresholds;
    private BlockBatch batch;
    private State state = State.REFUSED;
    private int span;
    private int order;
    private int needed;
    private int failedAttempts;
    private long header;
    private long proposal;

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimChunks(MetadataLayout layout, ContentionThresholds thresholds) {
        this.layout = layout;
        this.thresholds = thresholds;
        this.batch = BlockBatch.ofChunks(layout);
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

    private ClaimChunks start(int spanOfBlocks, int orderOfBlocks, int blocksNeeded, long knownHeader) {
        span = spanOfBlocks;
        order = orderOfBlocks;
        needed = blocksNeeded;
        header = knownHeader;
        failedAttempts = 0;
        decide();
        return this;
    }

    private void decide() {
        if (failedAttempts > thresholds.high() || !SpanDecisions.claimable(header, order)) {
            state = State.REFUSED;
            return;
        }
        batch.place(SpanHeader.map(header), failedAttempts == 0 ? batch.offered() : needed);
        proposal = SpanDecisions.claimed(header, batch.mask(), thresholds.level(failedAttempts));
        state = State.ATTEMPT;
    }

    @Override
    public boolean next(WordChain chain) {
        if (state != State.ATTEMPT) {
            return false;
        }
        batch.write(chain, span);
        chain.compareAndSwap(layout.spanHeader(span), header, proposal);
        batch.read(chain, span);
        return true;
    }

    @Override
    public void completed(WordResults results) {
        int casElement = batch.size();
        long before = results.word(casElement);
        if (before == header) {
            header = proposal;
            batch.keys(results, casElement + 1);
            state = State.CLAIMED;
        } else {
            header = before;
            failedAttempts++;
            decide();
        }
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
        header = foreseen;
        decide();
    }

    @Override
    public void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(span);
        batch.state(sink);
        sink.number(needed);
        sink.number(failedAttempts);
        sink.word(layout.spanHeader(span), header);
    }

    @Override
    public ClaimChunks copy() {
        ClaimChunks copy = new ClaimChunks(layout, thresholds);
        copy.state = state;
        copy.span = span;
        copy.order = order;
        copy.needed = needed;
        copy.batch = batch.copy();
        copy.failedAttempts = failedAttempts;
        copy.header = header;
        copy.proposal = proposal;
        return copy;
    }

    /** Where the claim stands. */
    public State state() {
        return state;
    }

    /** The span's header as known now; after a claim, the one that the claim left. */
    public long header() {
        return header;
    }

    /** Blocks that the CAS claimed, or proposed latest. */
    public int blocks() {
        return batch.size();
    }

    /** The header that the next attempt leaves if it succeeds. */
    public long proposal() {
        return proposal;
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

    /** Key of the block, once it is claimed. */
    public int rkey() {
        return rkey(0);
    }

    /** Key of one of the blocks, once they are claimed. */
    public int rkey(int block) {
        return batch.rkey(block);
    }

    /** Compare-and-swaps that found another value. */
    public int failedAttempts() {
        return failedAttempts;
    }
}
