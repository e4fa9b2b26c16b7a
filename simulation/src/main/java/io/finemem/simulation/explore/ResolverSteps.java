package io.finemem.simulation.explore;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.api.ProtocolViolation;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the memory node's resolver does in one step. */
final class ResolverSteps {
    private static final Action RESOLVES = new Action(Kind.SETTLE, Action.NONE, Action.NONE, Action.NONE, 0, 0);

    private final Words words;
    private final Rules rules;
    private final Execution execution;

    ResolverSteps(Words words, Rules rules) {
        this.words = words;
        this.rules = rules;
        this.execution = new Execution(words);
    }

    /** Begins a resolution; null if there is nothing to resolve or an answer is waited for. */
    @Nullable
    State start(State state, int resolver) {
        int fenced = 0;
        long doubts = 0;
        for (int i = 0; i < state.owners.length; i++) {
            OwnerState owner = state.owners[i];
            if (owner.status == OwnerState.LIVE && owner.asked) {
                return null;
            }
            fenced |= owner.status == OwnerState.FENCED ? 1 << i : 0;
            doubts |= owner.status == OwnerState.LIVE ? (long) owner.doubt << i * words.slotsPerOwner : 0;
        }
        if (fenced == 0 && doubts == 0) {
            return null;
        }
        fenced = rules.resolvedTogether(fenced);
        Resolution resolution = rules.resolution(words.layout, owners(fenced), numbers(doubts), state);
        PostedChain chain = PostedChain.post(resolution.procedure());
        if (chain == null) {
            return null;
        }
        rules.resolving(chain, fenced, words);
        State next = state.copy();
        next.resolvers[resolver] = new ResolverState(resolution, fenced, doubts, chain);
        return next;
    }

    private static Set<Integer> owners(int bits) {
        Set<Integer> owners = new TreeSet<>();
        numbers(bits).forEach(number -> owners.add(number + 1));
        return owners;
    }

    private static Set<Integer> numbers(long bits) {
        Set<Integer> numbers = new TreeSet<>();
        for (long rest = bits; rest != 0; rest &= rest - 1) {
            numbers.add(Long.numberOfTrailingZeros(rest));
        }
        return numbers;
    }

    /** Executes the next element; after the last one of a chain the next chain is posted at once. */
    State step(State state, int resolver) {
        ResolverState before = running(state, resolver);
        State next = state.copy();
        ResolverState after = before.copy();
        int element = after.position++;
        after.results[after.chain.result(element)] =
                execution.execute(next, Execution.RESOLVER, RESOLVES, after.chain, element);
        next.resolvers[resolver] = after;
        if (after.position == after.chain.size()) {
            complete(next, resolver, after);
        }
        return next;
    }

    static ResolverState running(State state, int resolver) {
        ResolverState running = state.resolvers[resolver];
        if (running == null) {
            throw new IllegalStateException("the resolver is idle");
        }
        return running;
    }

    private void complete(State next, int number, ResolverState done) {
        Resolution resolution = done.resolution.copy();
        Procedure procedure = resolution.procedure();
        try {
            procedure.completed(element -> done.results[element]);
        } catch (ProtocolViolation e) {
            throw new Violation("the resolver finds: " + e.getMessage());
        }
        PostedChain chain = PostedChain.post(procedure);
        if (chain != null) {
            rules.resolving(chain, done.fenced, words);
            next.resolvers[number] = new ResolverState(resolution, done.fenced, done.doubts, chain);
            return;
        }
        next.resolvers[number] = null;
        decided(next, resolution, done.doubts);
        for (int waited : resolution.waitingFor()) {
            if (next.owners[waited - 1].status == OwnerState.LIVE) {
                next.change(waited - 1).asked = true;
            }
        }
        if (rules.recovered(resolution)) {
            recovered(next, done.fenced);
        }
    }

    /** Slots in doubt go back to owners that are still alive. */
    private void decided(State next, Resolution resolution, long doubts) {
        for (int slot : numbers(doubts)) {
            int owner = slot / words.slotsPerOwner;
            int position = slot % words.slotsPerOwner;
            boolean alive = next.owners[owner].status == OwnerState.LIVE;
            if (alive && resolution.erased(slot)) {
                requireEmpty(next, owner, position, "its slot in doubt was decided");
                next.change(owner).doubt &= ~(1 << position);
            }
        }
    }

    private void recovered(State next, int fenced) {
        for (int owner : numbers(fenced)) {
            if (next.owners[owner].status != OwnerState.FENCED) {
                continue;
            }
            for (int slot = 0; slot < words.slotsPerOwner; slot++) {
                requireEmpty(next, owner, slot, "it was recovered");
            }
            next.change(owner).status = OwnerState.GONE;
            next.words[words.directory(owner)] = 0;
        }
    }

    private void requireEmpty(State state, int owner, int slot, String when) {
        if (state.owners[owner].ghost[slot] != 0 || state.words[words.slot(owner, slot)] != 0) {
            throw new Violation("memory is lost: owner " + (char) ('A' + owner) + " still had something under slot "
                    + slot + " when " + when);
        }
    }

    /** The resolver stops where it is; it will begin again. */
    State restart(State state, int resolver) {
        State next = state.copy();
        next.resolvers[resolver] = null;
        return next;
    }
}
