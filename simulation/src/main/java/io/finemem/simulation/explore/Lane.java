package io.finemem.simulation.explore;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.simulation.step.PostedChain;

/** A worker's procedure with its chain posted. Not changed after it became part of a state. */
final class Lane {
    final Action action;
    final Procedure procedure;
    final PostedChain chain;
    final long[] results;
    /** Bit by element. */
    long executed;

    Lane(Action action, Procedure procedure, PostedChain chain) {
        this(action, procedure, chain, chain.newResults(), 0);
    }

    private Lane(Action action, Procedure procedure, PostedChain chain, long[] results, long executed) {
        this.action = action;
        this.procedure = procedure;
        this.chain = chain;
        this.results = results;
        this.executed = executed;
    }

    /** For executing one more element: shares the procedure and the chain. */
    Lane copy() {
        return new Lane(action, procedure, chain, results.clone(), executed);
    }

    boolean executed(int element) {
        return (executed >>> element & 1) != 0;
    }

    boolean allExecuted() {
        return Long.bitCount(executed) == chain.size();
    }

    /** Whether the element may be executed now: WRITEs and atomics in order, a READ at any time. */
    boolean mayExecute(int element) {
        if (executed(element)) {
            return false;
        }
        if (chain.kind(element) == PostedChain.READ) {
            return true;
        }
        for (int i = 0; i < element; i++) {
            if (!executed(i) && chain.kind(i) != PostedChain.READ) {
                return false;
            }
        }
        return true;
    }
}
