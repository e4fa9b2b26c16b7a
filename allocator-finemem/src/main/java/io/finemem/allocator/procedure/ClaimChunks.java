package io.finemem.allocator.procedure;

import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.decision.SpanDecisions;
import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SpanHeader;

/**
 * Claims a block of 4 to 64 KiB in an open span, with one chain per attempt:
 *
 * <pre>
 *   [WRITE slot = PENDING span mask]  [CAS header: map | mask, version + 1]  [READ capability]
 * </pre>
 *
 * The slot is written before the CAS (rule R1), so a crash in between loses nothing. A failed CAS brings the current header:
 * the next attempt starts from it and overwrites the slot, whose stale entry says nothing. The claim is given up when the
 * span is closed, has no fitting run, or was contended too often.
 */
public final class ClaimChunks implements Procedure {
    private static final int CAS_ELEMENT = 1;
    private static final int READ_ELEMENT = 2;

    /** Where a claim stands. */
    public enum State {
        /** The next attempt is to be posted. */
        ATTEMPT,
        /** The block is held. */
        CLAIMED,
        /** Nothing is held; {@link ClaimChunks#header()} says why. */
        REFUSED,
        /** The connection failed: held or not. */
        IN_DOUBT
    }

    private final MetadataLayout layout;
    private final ContentionThresholds thresholds;
    private State state = State.REFUSED;
    private int span;
    private int order;
    private int slot;
    private int chunk;
    private int failedAttempts;
    private long header;
    private long proposal;
    private int rkey;

    /** A claim that is to be {@linkplain #prepare prepared}. */
    public ClaimChunks(MetadataLayout layout, ContentionThresholds thresholds) {
        this.layout = layout;
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
        this.span = span;
        this.order = order;
        this.slot = slot;
        this.header = header;
        this.failedAttempts = 0;
        this.rkey = 0;
        decide();
        return this;
    }

    private void decide() {
        if (failedAttempts > thresholds.high() || !SpanDecisions.claimable(header, order)) {
            state = State.REFUSED;
            return;
        }
        chunk = SpanDecisions.freeRun(SpanHeader.map(header), order);
        proposal = SpanDecisions.claimed(header, mask(), thresholds.level(failedAttempts));
        state = State.ATTEMPT;
    }

    @Override
    public boolean next(WordChain chain) {
        if (state != State.ATTEMPT) {
            return false;
        }
        chain.write(layout.journalSlot(slot), JournalSlot.pendingChunks(span, mask()));
        chain.compareAndSwap(layout.spanHeader(span), header, proposal);
        chain.read(layout.capability(span, node()));
        return true;
    }

    @Override
    public void completed(WordResults results) {
        long before = results.word(CAS_ELEMENT);
        if (before == header) {
            header = proposal;
            rkey = CapabilityWord.rkey(results.word(READ_ELEMENT), node());
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
        sink.number(order);
        sink.slot(slot);
        sink.number(chunk);
        sink.number(failedAttempts);
        sink.word(layout.spanHeader(span), header);
    }

    @Override
    public ClaimChunks copy() {
        ClaimChunks copy = new ClaimChunks(layout, thresholds);
        copy.state = state;
        copy.span = span;
        copy.order = order;
        copy.slot = slot;
        copy.chunk = chunk;
        copy.failedAttempts = failedAttempts;
        copy.header = header;
        copy.proposal = proposal;
        copy.rkey = rkey;
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

    /** The header that the next attempt leaves if it succeeds. */
    public long proposal() {
        return proposal;
    }

    /** First chunk of the block in its span. */
    public int chunk() {
        return chunk;
    }

    /** Chunks of the block. */
    public int mask() {
        return Geometry.mask(chunk, order);
    }

    /** Key of the block, once it is claimed. */
    public int rkey() {
        return rkey;
    }

    /** Compare-and-swaps that found another value. */
    public int failedAttempts() {
        return failedAttempts;
    }

    private int node() {
        return CapabilityWord.node(chunk, order);
    }
}
