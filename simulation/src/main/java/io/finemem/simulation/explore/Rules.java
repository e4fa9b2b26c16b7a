package io.finemem.simulation.explore;

import io.finemem.allocator.decision.ResumeDecisions;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.ResolveSlots;
import io.finemem.simulation.step.PostedChain;
import java.util.Set;

/**
 * The rules by which owners and the memory node use the procedures. This class keeps all of them; a subclass breaks one, to
 * see whether the exploration notices.
 */
class Rules {
    /** All rules are kept. */
    static final Rules KEPT = new Rules();

    private static final int RESOLVE_ROUNDS = 2;

    /** What becomes of an action whose connection failed. */
    enum AfterLoss {
        /** Its slots are in doubt: the memory node decides. */
        RESOLVE,
        /** It finds out what was executed, and posts what is missing. */
        RESUME,
        /** It is posted again. */
        REPEAT,
        /** It is taken as not executed. */
        FORGET
    }

    /** A chain is about to be posted. */
    void posting(Action action, PostedChain chain, Words words, State state) {}

    /** Results are about to be told to the procedure. */
    void completing(Lane lane, long[] results, Words words) {}

    /** What a claim takes for the header that it knows. */
    long claimHeader(long header) {
        return header;
    }

    /** What a closing takes for the header that it knows. */
    long closeHeader(long header) {
        return header;
    }

    /** What an opening takes for the section word that it knows. */
    long openSection(long word, int span, State state, Words words) {
        return word;
    }

    /** What a claim of spans takes for the section word that it knows. */
    long claimSection(long word) {
        return word;
    }

    AfterLoss afterLoss(Action action) {
        if (action.kind() == Kind.REVOKE) {
            return AfterLoss.RESUME;
        }
        return action.onlyWrites() ? AfterLoss.REPEAT : AfterLoss.RESOLVE;
    }

    /** Whether the fence of an owner cuts off this worker's chain. */
    boolean fences(int lane) {
        return true;
    }

    /** Whether a block may be freed while another worker's chain writes its slot. */
    boolean freesBusySlots() {
        return false;
    }

    /** Whether a settle request is answered while something of the owner is in doubt. */
    boolean settlesInDoubt() {
        return true;
    }

    /** Whether what the owner frees counts as free, with its slot, as soon as the chain is posted. */
    boolean slotFreeAtOnce() {
        return false;
    }

    /** Whether a settlement leaves slots alone that a chain is under way for. */
    boolean settlementSparesBusySlots() {
        return true;
    }

    /** Resolvers at work at the same time. */
    int resolvers() {
        return 1;
    }

    /** Which of the owners that are fenced, bit by position, are resolved together. */
    int resolvedTogether(int fenced) {
        return fenced;
    }

    /** A chain of the resolver is about to be executed. */
    void resolving(PostedChain chain, int fenced, Words words) {}

    Resolution resolution(MetadataLayout layout, Set<Integer> fenced, Set<Integer> inDoubt, State state) {
        return Resolution.shipped(new ResolveSlots(layout, RESOLVE_ROUNDS, 0).prepare(fenced, inDoubt));
    }

    /** Strict isolation: the resolution ends rkeys. */
    Resolution resolution(MetadataLayout layout, Keys keys, Set<Integer> fenced, Set<Integer> inDoubt) {
        return Resolution.shipped(new ResolveSlots(layout, RESOLVE_ROUNDS, keys).prepare(fenced, inDoubt));
    }

    /** Whether a successor begins when its predecessor's connections are fenced. */
    boolean fencesPredecessors() {
        return true;
    }

    /** Whether a successor is told which slots the memory node still decides. */
    boolean knowsUndecidedSlots() {
        return true;
    }

    /** Whether a successor takes back entries of its ring behind one that is missing. */
    boolean withdraws() {
        return true;
    }

    /** What a slot means to a successor. */
    ResumeDecisions.Verdict successor(ResumeDecisions.Verdict verdict) {
        return verdict;
    }

    /** A chain of the sweeper is about to be executed. */
    void sweeping(Sweep sweep, PostedChain chain, Words words, State state) {}

    /** Whether a slot may be used again as soon as the revocation of its block was asked for. */
    boolean slotFreeBeforeAcknowledgment() {
        return false;
    }

    /** Whether the rings of fenced owners are swept before their slots are resolved. */
    boolean drains() {
        return true;
    }

    /** Whether an agent that begins again resolves the entries that it finds, and does not sweep them. */
    boolean resolvesAfterRestart() {
        return true;
    }

    /** Whether a thread of the memory node's agent runs RESOLVE. */
    boolean resolves(int thread) {
        return true;
    }

    /** Whether a thread of the memory node's agent sweeps the revoke rings. */
    boolean sweeps(int thread) {
        return true;
    }

    /** Which slots are in doubt because of entries that an agent found when it began again. */
    long inDoubt(long slotsOfEntries, Words words) {
        return slotsOfEntries;
    }

    /** Whether a resolution that is finished means that the fenced owners are recovered. */
    boolean recovered(Resolution resolution) {
        return resolution.resolved();
    }

    /** Whether inner consistency is checked, and not only what happens to blocks. */
    boolean checksInside() {
        return true;
    }
}
