package io.finemem.simulation.explore;

import io.finemem.simulation.step.PostedChain;

/** A resolution with a chain under way, of which the first elements were executed. */
final class ResolverState {
    final Resolution resolution;
    /** Owners that were fenced when it began, bit by position. */
    final int fenced;
    /** Slots in doubt when it began, bit by index in the journal. */
    final long doubts;

    final PostedChain chain;
    final long[] results;
    int position;

    ResolverState(Resolution resolution, int fenced, long doubts, PostedChain chain) {
        this(resolution, fenced, doubts, chain, chain.newResults(), 0);
    }

    private ResolverState(
            Resolution resolution, int fenced, long doubts, PostedChain chain, long[] results, int position) {
        this.resolution = resolution;
        this.fenced = fenced;
        this.doubts = doubts;
        this.chain = chain;
        this.results = results;
        this.position = position;
    }

    ResolverState copy() {
        return new ResolverState(resolution, fenced, doubts, chain, results.clone(), position);
    }
}
