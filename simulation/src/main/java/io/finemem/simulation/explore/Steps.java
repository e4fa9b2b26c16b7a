package io.finemem.simulation.explore;

import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.procedure.ClaimChunks;
import io.finemem.allocator.procedure.ClaimSections;
import io.finemem.allocator.procedure.ClaimSpans;
import io.finemem.allocator.procedure.OpenSpan;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.RequestRevoke;
import io.finemem.api.ProtocolViolation;
import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** What one owner does in one step: each method gives the state that follows and leaves the given one as it is. */
final class Steps {
    private final Words words;
    private final Rules rules;
    private final Execution execution;

    Steps(Words words, Rules rules) {
        this.words = words;
        this.rules = rules;
        this.execution = new Execution(words);
    }

    /** A worker begins; null if the procedure has nothing to post. */
    @Nullable
    State start(State state, int owner, int lane, Action action, Procedure procedure) {
        PostedChain chain = PostedChain.post(procedure);
        if (chain == null) {
            return action.kind() == Kind.SETTLE ? answered(state, owner) : null;
        }
        State next = state.copy();
        OwnerState changed = next.change(owner);
        if (action.entry() != 0) {
            changed.held[action.slot()] = 0;
            changed.confirmed &= ~(1 << action.slot());
            if (action.kind() == Kind.REVOKE) {
                changed.waiting[action.slot()] = ++changed.tail;
            }
        }
        if (action.kind() == Kind.FREE_MANY) {
            for (int slot = 0; slot < words.slotsPerOwner; slot++) {
                changed.held[slot] = (action.slots() >>> slot & 1) != 0 ? 0 : changed.held[slot];
            }
            changed.confirmed &= ~action.slots();
        }
        post(next, owner, lane, action, procedure, chain);
        return next;
    }

    /** There is nothing to settle. */
    private static State answered(State state, int owner) {
        State next = state.copy();
        next.change(owner).asked = false;
        return next;
    }

    private void post(State next, int owner, int lane, Action action, Procedure procedure, PostedChain chain) {
        rules.posting(action, chain, words, next);
        Action known = action;
        if (action.entry() != 0 && rules.slotFreeAtOnce()) {
            known = new Action(action.kind(), action.unit(), action.slot(), Action.NONE, action.entry(), 0);
        }
        Lane posted = new Lane(known, procedure, chain);
        for (int i = 0; i < chain.size(); i++) {
            // What is read here has no meaning in direct isolation: when it is read makes no difference.
            if (chain.kind(i) == PostedChain.READ && words.index(chain.offset(i)) < 0) {
                posted.executed |= 1L << i;
            }
        }
        next.owners[owner].lanes[lane] = posted;
    }

    /** An element of a posted chain is executed. */
    State execute(State state, int owner, int lane, int element) {
        State next = state.copy();
        Lane before = lane(state, owner, lane);
        Lane after = before.copy();
        after.executed |= 1L << element;
        after.results[after.chain.result(element)] = execution.execute(next, owner, after.action, after.chain, element);
        next.change(owner).lanes[lane] = after;
        return next;
    }

    static Lane lane(State state, int owner, int lane) {
        Lane running = state.owners[owner].lanes[lane];
        if (running == null) {
            throw new IllegalStateException("the worker is idle");
        }
        return running;
    }

    /** The results of a chain that was executed reach its owner. */
    State complete(State state, int owner, int lane) {
        Lane done = lane(state, owner, lane);
        Procedure procedure = done.procedure.copy();
        long[] results = done.results.clone();
        rules.completing(done, results, words);
        try {
            procedure.completed(element -> results[element]);
        } catch (ProtocolViolation e) {
            throw new Violation("owner " + (char) ('A' + owner) + " finds: " + e.getMessage());
        }
        return goOn(state, owner, lane, done.action, procedure);
    }

    private State goOn(State state, int owner, int lane, Action action, Procedure procedure) {
        State next = state.copy();
        OwnerState changed = next.change(owner);
        PostedChain chain = PostedChain.post(procedure);
        if (chain != null) {
            post(next, owner, lane, action, procedure, chain);
            return next;
        }
        changed.lanes[lane] = null;
        finish(next, owner, action, procedure);
        return next;
    }

    private void finish(State next, int number, Action action, Procedure procedure) {
        switch (action.kind()) {
            case CLAIM -> {
                ClaimChunks claim = (ClaimChunks) procedure;
                if (claim.state() == ClaimChunks.State.CLAIMED) {
                    hold(
                            next,
                            number,
                            action.slot(),
                            JournalSlot.pendingChunks(action.unit(), claim.mask()),
                            claim.rkey());
                }
            }
            case OPEN -> {
                OpenSpan open = (OpenSpan) procedure;
                if (open.state() == OpenSpan.State.OPENED) {
                    hold(
                            next,
                            number,
                            action.slot(),
                            JournalSlot.pendingChunks(action.unit(), open.mask()),
                            open.rkey());
                }
            }
            case CLAIM_SPANS -> {
                ClaimSpans claim = (ClaimSpans) procedure;
                if (claim.state() == ClaimSpans.State.CLAIMED) {
                    hold(
                            next,
                            number,
                            action.slot(),
                            JournalSlot.pendingSpans(action.unit(), claim.spanMask()),
                            claim.rkey());
                }
            }
            case CLAIM_SECTIONS -> {
                ClaimSections claim = (ClaimSections) procedure;
                if (claim.state() == ClaimSections.State.CLAIMED) {
                    hold(next, number, action.slot(), action.entryOfRun(), 0);
                }
            }
            case SETTLE, CONFIRM -> settled(next, number, action);
            case REVOKE -> {
                if (rules.slotFreeBeforeAcknowledgment()) {
                    next.owners[number].waiting[action.slot()] = 0;
                }
            }
            case CLAIM_MANY -> {
                ClaimChunks claim = (ClaimChunks) procedure;
                if (claim.state() == ClaimChunks.State.CLAIMED) {
                    holdMany(next, number, action, claim.blocks(), claim::chunk, claim::rkey);
                }
            }
            case OPEN_MANY -> {
                OpenSpan open = (OpenSpan) procedure;
                if (open.state() == OpenSpan.State.OPENED) {
                    holdMany(next, number, action, open.blocks(), open::chunk, open::rkey);
                }
            }
            case FREE, FREE_MANY, FREE_SPANS, CLOSE -> {
                // The slot is free again.
            }
        }
    }

    private void holdMany(
            State next, int number, Action action, int blocks, IntUnaryOperator chunk, IntUnaryOperator rkey) {
        int slots = action.slotsOfBlocks();
        for (int i = 0; i < blocks; i++) {
            int mask = (1 << action.count()) - 1 << chunk.applyAsInt(i);
            long entry = JournalSlot.pendingChunks(action.unit(), mask);
            hold(next, number, Integer.numberOfTrailingZeros(slots), entry, rkey.applyAsInt(i));
            slots &= slots - 1;
        }
    }

    private void hold(State next, int number, int slot, long entry, int rkey) {
        OwnerState owner = next.owners[number];
        owner.held[slot] = entry;
        if (words.ring > 0) {
            owner.rkeys[slot] = rkey;
            next.words[words.window(words.node(entry))] |= 1;
        }
        owner.confirmed &= ~(1 << slot);
    }

    private void settled(State next, int number, Action action) {
        OwnerState owner = next.owners[number];
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            boolean written = (action.slots() >>> slot & 1) != 0;
            if (written && owner.held[slot] != 0) {
                owner.confirmed |= 1 << slot;
            }
        }
        owner.asked &= action.kind() != Kind.SETTLE;
    }

    /** The connection fails, and nothing more of the chain is executed; the owner goes on with a new connection. */
    State lose(State state, int owner, int lane) {
        Lane lost = lane(state, owner, lane);
        Action action = lost.action;
        Procedure procedure = lost.procedure.copy();
        switch (rules.afterLoss(action)) {
            case REPEAT -> {
                if (action.onlyWrites()) {
                    procedure.lost();
                }
                return goOn(state, owner, lane, action, procedure);
            }
            case RESUME -> {
                procedure.lost();
                return goOn(state, owner, lane, action, ((RequestRevoke) procedure).resume());
            }
            case FORGET -> {
                State next = state.copy();
                next.change(owner).lanes[lane] = null;
                return next;
            }
            default -> {
                procedure.lost();
                State next = state.copy();
                OwnerState changed = next.change(owner);
                changed.lanes[lane] = null;
                changed.doubt |= action.slots();
                return next;
            }
        }
    }

    /** The owner reads how far its revoke ring was done with; null if that frees no slot. */
    @Nullable
    State learn(State state, int owner) {
        long head = words.ring == 0 ? 0 : state.words[words.head(owner)];
        State next = null;
        for (int slot = 0; slot < words.slotsPerOwner; slot++) {
            long waiting = state.owners[owner].waiting[slot];
            if (waiting != 0 && waiting <= head) {
                next = next == null ? state.copy() : next;
                next.change(owner).waiting[slot] = 0;
            }
        }
        return next;
    }

    /** The owner is declared dead: its connections are fenced. */
    State fence(State state, int owner) {
        State next = state.copy();
        OwnerState changed = next.change(owner);
        changed.status = OwnerState.FENCED;
        changed.asked = false;
        changed.doubt = 0;
        changed.told = 0;
        changed.unread = 0;
        changed.confirmed = 0;
        Arrays.fill(changed.held, 0);
        Arrays.fill(changed.rkeys, 0);
        Arrays.fill(changed.waiting, 0);
        changed.tail = 0;
        for (int lane = 0; lane < changed.lanes.length; lane++) {
            if (rules.fences(lane)) {
                changed.lanes[lane] = null;
            }
        }
        return next;
    }

    /** The compute node comes back as a new owner. */
    State rejoin(State state, int owner) {
        State next = state.copy();
        next.change(owner).status = OwnerState.LIVE;
        next.words[words.directory(owner)] = owner + 1;
        return next;
    }
}
