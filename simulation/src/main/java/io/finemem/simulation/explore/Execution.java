package io.finemem.simulation.explore;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.SpanHeader;
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
        if (chain.kind(element) >= PostedChain.BIND) {
            return window(next, chain, element);
        }
        int index = words.index(chain.offset(element));
        if (index < 0) {
            return 0;
        }
        state = next;
        long before = next.words[index];
        switch (chain.kind(element)) {
            case PostedChain.WRITE -> {
                next.words[index] = chain.first(element);
                acknowledged(next, index);
            }
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

    /** All entries of the ring that were in a batch are done with. */
    private void acknowledged(State next, int index) {
        int owner = words.ownerOfHead(index);
        if (owner >= 0) {
            next.words[words.taken(owner)] = 0;
            next.words[words.unsure(owner)] = 0;
        }
    }

    private long window(State next, PostedChain chain, int element) {
        int node = (int) chain.first(element);
        int window = words.window(node);
        if (chain.kind(element) == PostedChain.BIND) {
            next.words[window] = ((next.words[window] >>> 1) + 1) << 1;
            return 0;
        }
        int index = words.index(chain.offset(element));
        int number = words.nodes.get(node).node();
        next.words[index] = CapabilityWord.with(next.words[index], number, words.rkey(next.words, node));
        return 0;
    }

    private void changed(int owner, Action action, int index, long before) {
        Actor actor = owner == RESOLVER ? Actor.RESOLVER : actor(owner, action);
        long after = state.words[index];
        if (words.isHeader(index) && action.many()) {
            headerChanged(owner, action, words.spanOf(index), before, after);
        } else if (words.isHeader(index)) {
            ledger.headerChanged(actor, words.spanOf(index), before, after);
        } else if (words.isSection(index)) {
            ledger.sectionChanged(actor, index, before, after);
        }
    }

    /** The units of several blocks change hands at once: block by block, in the order of their slots. */
    private void headerChanged(int owner, Action action, int span, long before, long after) {
        long from = before;
        for (int rest = action.slotsOfBlocks(); rest != 0 && SpanHeader.map(from) != SpanHeader.map(after); ) {
            int slot = Integer.numberOfTrailingZeros(rest);
            rest &= rest - 1;
            int units = units(owner, slot, action, span, SpanHeader.map(from) ^ SpanHeader.map(after));
            if (units != 0) {
                long to = SpanHeader.withMap(after, SpanHeader.map(from) ^ units);
                ledger.headerChanged(actor(owner, action, slot), span, from, to);
                from = to;
            }
        }
        ledger.headerChanged(actor(owner, action), span, from, after);
    }

    private int units(int owner, int slot, Action action, int span, int changed) {
        if (action.kind() == Kind.FREE_MANY) {
            return changed & JournalSlot.coveredChunks(state.owners[owner].ghost[slot], span);
        }
        return (1 << action.count()) - 1 << Integer.numberOfTrailingZeros(changed);
    }

    private Actor actor(int owner, Action action, int slot) {
        int base = owner * words.slotsPerOwner;
        return new Actor(false, base + slot, action.transition() < 0 ? Action.NONE : base + action.transition(), -1);
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
        int number = slot / words.slotsPerOwner;
        OwnerState owner = state.owners[number];
        if (words.ring > 0 && givenUp(owner, number, slot)) {
            return true;
        }
        return owner.status != OwnerState.LIVE || (owner.doubt >>> slot % words.slotsPerOwner & 1) != 0;
    }

    /** Strict isolation: the owner asked for the revocation of the slot's block. */
    private boolean givenUp(OwnerState owner, int number, int slot) {
        int position = slot % words.slotsPerOwner;
        for (Lane lane : owner.lanes) {
            if (lane != null && (lane.action.slots() >>> position & 1) != 0) {
                boolean asked = words.isToBeRevoked(state.words, number, slot) || lane.allExecuted();
                return lane.action.kind() == Kind.REVOKE && asked;
            }
        }
        return owner.held[position] == 0;
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
