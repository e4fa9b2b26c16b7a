package io.finemem.allocator.procedure;

import io.finemem.allocator.layout.MetadataLayout;

/**
 * Claims blocks of one size in one word, with one chain per attempt:
 *
 * <pre>
 *   [WRITE slot = PENDING units] per block   [CAS word: units taken]   [READ capability] per pair of rkeys
 * </pre>
 *
 * The slots are written before the CAS (rule R1), so a crash in between loses nothing, and each block has a slot of its own,
 * so that each is freed and recovered by itself. A failed CAS brings the current word: the next attempt starts from it and
 * overwrites the slots, whose stale entries say nothing. Of several blocks as many are claimed as fit.
 */
public abstract sealed class ClaimBlocks implements Procedure permits ClaimChunks, ClaimSpans {
    /** Where a claim stands. */
    public enum State {
        /** The next attempt is to be posted. */
        ATTEMPT,
        /** The block is held, or the {@link #blocks} that fit. */
        CLAIMED,
        /** Nothing is held; the word as known now says why. */
        REFUSED,
        /** The connection failed: held or not. */
        IN_DOUBT
    }

    final MetadataLayout layout;
    final BlockBatch batch;
    /** The span of the chunks, or the section of the spans. */
    int container;
    /** The word as known. */
    long word;

    int failedAttempts;
    private State state = State.REFUSED;
    private long proposal;

    ClaimBlocks(MetadataLayout layout, BlockBatch batch) {
        this.layout = layout;
        this.batch = batch;
    }

    final void start(int containerOfBlocks, long knownWord) {
        container = containerOfBlocks;
        word = knownWord;
        failedAttempts = 0;
        decide();
    }

    /** Ends in {@link #attempt} or {@link #refuse}. */
    abstract void decide();

    /** Address of the word. */
    abstract long address();

    final void attempt(long newWord) {
        proposal = newWord;
        state = State.ATTEMPT;
    }

    final void refuse() {
        state = State.REFUSED;
    }

    @Override
    public final boolean next(WordChain chain) {
        if (state != State.ATTEMPT) {
            return false;
        }
        batch.write(chain, container);
        chain.compareAndSwap(address(), word, proposal);
        batch.read(chain, container);
        return true;
    }

    @Override
    public final void completed(WordResults results) {
        int casElement = batch.size();
        long before = results.word(casElement);
        if (before == word) {
            word = proposal;
            batch.keys(results, casElement + 1);
            state = State.CLAIMED;
        } else {
            word = before;
            failedAttempts++;
            decide();
        }
    }

    @Override
    public final void lost() {
        state = State.IN_DOUBT;
    }

    @Override
    public void state(StateSink sink) {
        sink.number(state.ordinal());
        sink.number(container);
        batch.state(sink);
        sink.word(address(), word);
    }

    /** Takes over where the other stands; the batch is a copy already. */
    final void standAs(ClaimBlocks other) {
        state = other.state;
        container = other.container;
        word = other.word;
        failedAttempts = other.failedAttempts;
        proposal = other.proposal;
    }

    /** Where the claim stands. */
    public final State state() {
        return state;
    }

    /** Blocks that the CAS claimed, or proposed latest. */
    public final int blocks() {
        return batch.size();
    }

    /** The word that the next attempt leaves if it succeeds. */
    public final long proposal() {
        return proposal;
    }

    /** Key of the block, once it is claimed. */
    public final int rkey() {
        return rkey(0);
    }

    /** Key of one of the blocks, once they are claimed. */
    public final int rkey(int block) {
        return batch.rkey(block);
    }

    /** Compare-and-swaps that found another value. */
    public final int failedAttempts() {
        return failedAttempts;
    }
}
