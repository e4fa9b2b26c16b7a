package io.finemem.simulation.explore;

import io.finemem.simulation.step.Holdings;
import io.finemem.simulation.step.Ledger;
import io.finemem.simulation.step.Ledger.Actor;
import io.finemem.simulation.step.PostedChain;

/** Executes single operations of a state. */
final class Execution implements Holdings {
    /** The memory node's resolver acts, not an owner. */
    static final int RESOLVER = -1;

    private final Words words;
    private final Ledger ledger = new Ledger(this);
    private State state;

    Execution(Words words) {
        this.words = words;
        this.state = new State(new long[0], new OwnerState[0], new ResolverState[0]);
    }

    /** Executes an element; gives the value before, or read. */
    long execute(State next, int owner, Action action, PostedChain chain, int element) {
        int index = words.index(chain.offset(element));
        if (index < 0) {
            return 0;
        }
        state = next;
        long before = next.words[index];
        switch (chain.kind(element)) {
            case PostedChain.WRITE -> next.words[index] = chain.first(element);
            case PostedChain.CAS -> {
                if (before == chain.first(element)) {
                    next.words[index] = chain.second(element);
                    changed(owner, action, index, before);
                }
            }
            case PostedChain.ADD -> {
                next.words[index] = before + chain.first(element);
                if (words.isHeader(index)) {
                    Ledger.checkBorrow(words.spanOf(index), before, chain.first(element));
                }
                changed(owner, action, index, before);
            }
            default -> {
                // A READ changes nothing.
            }
        }
        return before;
    }

    private void changed(int owner, Action action, int index, long before) {
        Actor actor = owner == RESOLVER ? Actor.RESOLVER : actor(owner, action);
        long after = state.words[index];
        if (words.isHeader(index)) {
            ledger.headerChanged(actor, words.spanOf(index), before, after);
        } else if (words.isSection(index)) {
            ledger.sectionChanged(actor, index, before, after);
        }
    }

    private Actor actor(int owner, Action action) {
        int base = owner * words.slotsPerOwner;
        int first = action.kind() == Kind.CLAIM_SECTIONS ? action.unit() : Action.NONE;
        return new Actor(
                false,
                action.slot() < 0 ? Action.NONE : base + action.slot(),
                action.transition() < 0 ? Action.NONE : base + action.transition(),
                first);
    }

    @Override
    public int slots() {
        return words.owners * words.slotsPerOwner;
    }

    @Override
    public long entry(int slot) {
        return state.owners[slot / words.slotsPerOwner].ghost[slot % words.slotsPerOwner];
    }

    @Override
    public void setEntry(int slot, long entry) {
        state.change(slot / words.slotsPerOwner).ghost[slot % words.slotsPerOwner] = entry;
    }

    @Override
    public boolean resolvable(int slot) {
        OwnerState owner = state.owners[slot / words.slotsPerOwner];
        return owner.status != OwnerState.LIVE || (owner.doubt >>> slot % words.slotsPerOwner & 1) != 0;
    }

    @Override
    public boolean frozen(int span) {
        return (state.words[words.frozen()] >>> span & 1) != 0;
    }

    @Override
    public void setFrozen(int span, boolean frozen) {
        state.words[words.frozen()] ^= frozen(span) == frozen ? 0 : 1L << span;
    }

    @Override
    public String name(int slot) {
        return "slot " + slot % words.slotsPerOwner + " of owner " + (char) ('A' + slot / words.slotsPerOwner);
    }
}
