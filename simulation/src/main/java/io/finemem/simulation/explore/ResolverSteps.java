package io.finemem.simulation.explore;

import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.recovery.SweepRings;
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
    private final Keys keys;

    ResolverSteps(Words words, Rules rules) {
        this.words = words;
        this.keys = words.keys;
        this.rules = rules;
        this.execution = new Execution(words);
    }

    /** Begins a resolution; null if there is nothing to resolve or an answer is waited for. */
    @Nullable
    State start(State state, int resolver) {
        if (!rules.resolves(resolver)) {
            return null;
        }
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
        long unsure = words.ring == 0 ? 0 : rules.inDoubt(unsure(state), words);
        boolean nothing = fenced == 0 && doubts == 0 && unsure == 0;
        if (nothing || words.ring > 0 && rules.drains() && toDrain(state, fenced)) {
            return null;
        }
        fenced = rules.resolvedTogether(fenced);
        Resolution resolution = words.ring == 0
                ? rules.resolution(words.layout, owners(fenced), numbers(doubts), state)
                : rules.resolution(words.layout, keys, owners(fenced), numbers(doubts | unsure));
        State next = state.copy();
        if (!post(next, resolver, resolution, fenced, doubts)) {
            return null;
        }
        for (int i = 0; i < state.owners.length && words.resumes; i++) {
            if (state.owners[i].status == OwnerState.LIVE && state.owners[i].doubt != 0) {
                next.change(i).told |= state.owners[i].doubt;
            }
        }
        return next;
    }

    private boolean post(State next, int resolver, Resolution resolution, int fenced, long doubts) {
        PostedChain chain = PostedChain.post(resolution.procedure());
        if (chain == null) {
            return false;
        }
        keys.putBefore(chain);
        if (resolution instanceof Sweep sweep) {
            rules.sweeping(sweep, chain, words, next);
        } else {
            rules.resolving(chain, fenced, words);
        }
        next.resolvers[resolver] = new ResolverState(resolution, fenced, doubts, chain);
        return true;
    }

    /** Slots of owners alive that entries in doubt name. */
    private long unsure(State state) {
        long slots = 0;
        for (int owner = 0; owner < words.owners; owner++) {
            long head = state.words[words.head(owner)];
            for (int i = 0; i < state.words[words.unsure(owner)]; i++) {
                int slot = RevokeEntry.slot(state.words[words.entry(owner, head + i)]);
                slots |= state.owners[owner].status == OwnerState.LIVE ? 1L << slot : 0;
            }
        }
        return slots;
    }

    private boolean toDrain(State state, int fenced) {
        for (int owner : numbers(fenced)) {
            if (toSweep(state, owner)) {
                return true;
            }
        }
        return false;
    }

    private boolean toSweep(State state, int owner) {
        return words.entries(state.words, owner) > state.words[words.taken(owner)];
    }

    /** Begins a batch of the rings of some owners, and reads their entries in one go; null if there are none. */
    @Nullable
    State sweep(State state, int thread, int owners) {
        if (!rules.sweeps(thread)) {
            return null;
        }
        for (int owner : numbers(owners)) {
            if (!toSweep(state, owner)) {
                return null;
            }
        }
        SweepRings sweep = new SweepRings(words.layout, keys).prepare();
        int[] rings = numbers(owners).stream().mapToInt(Integer::intValue).toArray();
        for (int owner : rings) {
            long position = state.words[words.head(owner)] + state.words[words.taken(owner)];
            sweep.addRing(owner, position, state.words[words.unsure(owner)] == 0);
        }
        State next = state.copy();
        if (!post(next, thread, new Sweep(sweep, rings), 0, 0)) {
            return null;
        }
        readAhead(next, thread);
        return next;
    }

    /**
     * Executes READs that nobody can disturb, together with the step before: of slots of fenced owners, of slots in doubt, of
     * what the ring entries of a batch stand for. Nothing in between can tell the difference.
     */
    private void readAhead(State next, int resolver) {
        ResolverState running = next.resolvers[resolver];
        while (running != null
                && running.chain.kind(running.position) == PostedChain.READ
                && (running.resolution instanceof Sweep || rules.resolvers() == 1 && undisturbed(next, running))) {
            executeOne(next, resolver, running);
            running = next.resolvers[resolver];
        }
    }

    private boolean undisturbed(State state, ResolverState running) {
        int index = words.index(running.chain.offset(running.position));
        if (words.isDirectory(index)) {
            return !words.rejoins;
        }
        if (!words.isSlot(index)) {
            return false;
        }
        int slot = words.slotAt(index);
        OwnerState owner = state.owners[slot / words.slotsPerOwner];
        return owner.status == OwnerState.FENCED || (owner.doubt >>> slot % words.slotsPerOwner & 1) != 0;
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
        State next = state.copy();
        executeOne(next, resolver, running(state, resolver));
        readAhead(next, resolver);
        return next;
    }

    private void executeOne(State next, int resolver, ResolverState before) {
        ResolverState after = before.copy();
        int element = after.position++;
        after.results[after.chain.result(element)] =
                execution.execute(next, Execution.RESOLVER, RESOLVES, after.chain, element);
        next.resolvers[resolver] = after;
        if (after.position == after.chain.size()) {
            complete(next, resolver, after);
        }
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
        if (post(next, number, resolution, done.fenced, done.doubts)) {
            return;
        }
        next.resolvers[number] = null;
        if (resolution instanceof Sweep sweep) {
            swept(next, sweep);
            return;
        }
        decided(next, resolution, done.doubts);
        for (int waited : resolution.waitingFor()) {
            if (next.owners[waited - 1].status == OwnerState.LIVE) {
                next.change(waited - 1).asked = true;
            }
        }
        if (rules.recovered(resolution)) {
            recovered(next, done.fenced);
        }
        acknowledge(next, number, resolution);
    }

    private void swept(State next, Sweep sweep) {
        if (sweep.violated()) {
            throw new Violation("the sweeper takes an owner for dead that did nothing wrong");
        }
        for (int ring = 0; ring < sweep.owners().length; ring++) {
            int owner = sweep.owners()[ring];
            long taken = sweep.procedure().next(ring) - next.words[words.head(owner)];
            next.words[words.taken(owner)] = Math.max(taken, next.words[words.taken(owner)]);
            if (next.words[words.unsure(owner)] != 0) {
                next.words[words.unsure(owner)] = next.words[words.taken(owner)];
            }
        }
    }

    /** Entries in doubt whose slots are all resolved are done with. */
    private void acknowledge(State next, int number, Resolution resolution) {
        if (words.ring == 0) {
            return;
        }
        long[] heads = new long[words.owners];
        boolean any = false;
        for (int owner = 0; owner < words.owners; owner++) {
            long head = next.words[words.head(owner)];
            long unsure = next.words[words.unsure(owner)];
            boolean erased = unsure > 0 && next.owners[owner].status == OwnerState.LIVE;
            for (int i = 0; i < unsure; i++) {
                erased &= resolution.erased(RevokeEntry.slot(next.words[words.entry(owner, head + i)]));
            }
            heads[owner] = erased ? head + next.words[words.taken(owner)] : 0;
            any |= erased;
        }
        if (any) {
            post(next, number, new StoreHeads(words.layout, heads), 0, 0);
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
                next.change(owner).told &= ~(1 << position);
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
            if (words.ring > 0) {
                words.emptyRing(next.words, owner);
            }
        }
    }

    private void requireEmpty(State state, int owner, int slot, String when) {
        if (state.owners[owner].ghost[slot] != 0 || state.words[words.slot(owner, slot)] != 0) {
            throw new Violation("memory is lost: owner " + (char) ('A' + owner) + " still had something under slot "
                    + slot + " when " + when);
        }
    }

    /** The sweeper's connection fails: a batch is swept again, or is in doubt; null if none is under way. */
    @Nullable
    State fail(State state, int resolver) {
        ResolverState running = running(state, resolver);
        if (!(running.resolution instanceof Sweep sweep)) {
            return null;
        }
        State next = state.copy();
        next.resolvers[resolver] = null;
        boolean cleared = running.chain.kind(running.position) < PostedChain.BIND;
        for (int ring = 0; ring < sweep.owners().length && cleared && rules.resolvesAfterRestart(); ring++) {
            int owner = sweep.owners()[ring];
            long entries = sweep.procedure().next(ring) - next.words[words.head(owner)];
            next.words[words.taken(owner)] = Math.max(entries, next.words[words.taken(owner)]);
            next.words[words.unsure(owner)] = next.words[words.taken(owner)];
        }
        return next;
    }

    /** The resolver stops where it is; it will begin again. */
    State restart(State state, int resolver) {
        State next = state.copy();
        next.resolvers[resolver] = null;
        for (int owner = 0; owner < words.owners && words.ring > 0 && rules.resolvesAfterRestart(); owner++) {
            int entries = words.entries(next.words, owner);
            next.words[words.taken(owner)] = entries;
            next.words[words.unsure(owner)] = entries;
        }
        return next;
    }
}
