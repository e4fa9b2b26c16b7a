package io.finemem.simulation.explore;

import io.finemem.allocator.layout.SpanHeader;
import io.finemem.allocator.procedure.CloseSpan;
import io.finemem.allocator.procedure.Procedure;
import io.finemem.simulation.explore.Scenario.Fault;
import io.finemem.simulation.step.Violation;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Invariant I7: from every state everything becomes free if those that are alive just finish. Runs one such ending: no new
 * claim, death or loss; what is under way is executed, the resolver works, requests to settle are answered, blocks are freed,
 * empty spans closed. Endings that meet a state whose ending is known stop there.
 */
final class Progress {
    private static final int LONGEST = 5_000;

    private final Words words;
    private final Steps steps;
    private final Successors successors;
    private final ResolverSteps resolver;
    private final Starts starts;
    private final Fingerprint fingerprint;
    private final StateTable known;

    /**
     * @param known where endings are remembered
     */
    Progress(Scenario scenario, Words words, Rules rules, StateTable known) {
        this.known = known;
        this.words = words;
        this.steps = new Steps(words, rules);
        this.successors = new Successors(words, rules);
        this.resolver = new ResolverSteps(words, rules);
        this.starts = new Starts(finishing(scenario), words, rules);
        this.fingerprint = new Fingerprint(words, scenario.symmetric());
    }

    /** The same scope in which everybody may give back, and nothing is taken. */
    private static Scenario finishing(Scenario scenario) {
        Set<Kind> kinds = EnumSet.of(Kind.FREE, Kind.FREE_SPANS, Kind.CONFIRM);
        return new Scenario(
                scenario.name(),
                scenario.question(),
                scenario.sections(),
                scenario.spans(),
                scenario.owners(),
                scenario.lanes(),
                scenario.slots(),
                List.copyOf(Collections.nCopies(scenario.owners(), kinds)),
                scenario.orders(),
                scenario.spanOrders(),
                scenario.sectionRuns(),
                EnumSet.noneOf(Fault.class),
                scenario.opened(),
                scenario.strict());
    }

    /** Runs the ending of a state; throws if it never becomes clean. */
    void check(State state) {
        State now = state;
        for (int i = 0; i < LONGEST; i++) {
            fingerprint.of(now);
            if (!known.mark(fingerprint.low(), fingerprint.high(), StateTable.ENDS)) {
                return;
            }
            State next = next(now);
            if (next == null) {
                requireClean(now);
                return;
            }
            now = next;
        }
        throw new Violation("I7: no end after " + LONGEST + " steps in which everybody only finishes");
    }

    private @Nullable State next(State state) {
        for (int owner = 0; owner < state.owners.length; owner++) {
            State next = finish(state, owner);
            if (next != null) {
                return next;
            }
        }
        for (int i = 0; i < state.resolvers.length; i++) {
            State next = state.resolvers[i] == null ? begin(state, i) : resolver.step(state, i);
            if (next != null) {
                return next;
            }
        }
        for (int owner = 0; owner < state.owners.length; owner++) {
            State next = giveBack(state, owner);
            if (next != null) {
                return next;
            }
        }
        return null;
    }

    private @Nullable State begin(State state, int number) {
        for (int owner = 0; owner < words.owners && words.ring > 0; owner++) {
            State next = resolver.sweep(state, number, 1 << owner);
            if (next != null) {
                return next;
            }
        }
        return resolver.start(state, number);
    }

    private @Nullable State finish(State state, int number) {
        OwnerState owner = state.owners[number];
        for (int lane = 0; lane < owner.lanes.length; lane++) {
            Lane running = owner.lanes[lane];
            if (running != null) {
                State next = goOn(state, number, lane, running);
                if (next != null) {
                    return next;
                }
            }
        }
        if (owner.status != OwnerState.LIVE || !owner.idle()) {
            return null;
        }
        if (owner.unread != 0) {
            return successors.read(state, number);
        }
        State next = steps.learn(state, number);
        return next == null ? first(state, number, true) : next;
    }

    private @Nullable State goOn(State state, int owner, int lane, Lane running) {
        for (int element = 0; element < running.chain.size(); element++) {
            if (running.mayExecute(element)) {
                return steps.execute(state, owner, lane, element);
            }
        }
        boolean alive = state.owners[owner].status == OwnerState.LIVE;
        return alive ? steps.complete(state, owner, lane) : null;
    }

    private @Nullable State giveBack(State state, int owner) {
        if (state.owners[owner].status != OwnerState.LIVE) {
            return null;
        }
        State next = first(state, owner, false);
        return next == null ? close(state, owner) : next;
    }

    /** The first thing that there is to do: settling if asked, or else giving back. */
    private @Nullable State first(State state, int owner, boolean settling) {
        State[] found = new State[1];
        BiConsumer<Action, Procedure> taker = (action, procedure) -> {
            if (found[0] == null && action.kind() != Kind.CLOSE) {
                found[0] = steps.start(state, owner, 0, action, procedure);
            }
        };
        if (settling) {
            starts.settle(state, owner, taker);
        } else {
            starts.of(state, owner, taker);
        }
        return found[0];
    }

    private @Nullable State close(State state, int owner) {
        int free = state.owners[owner].free();
        if (free == 0) {
            return null;
        }
        int slot = Integer.numberOfTrailingZeros(free);
        for (int span = 0; span < words.spans; span++) {
            long header = state.words[words.header(span)];
            if (SpanHeader.open(header) && SpanHeader.map(header) == 0) {
                CloseSpan close = new CloseSpan(words.layout)
                        .prepare(
                                span,
                                owner * words.slotsPerOwner + slot,
                                header,
                                state.words[words.section(span / 16)]);
                return steps.start(state, owner, 0, Action.close(span, slot), close);
            }
        }
        return null;
    }

    private void requireClean(State state) {
        for (int span = 0; span < words.spans; span++) {
            if (SpanHeader.map(state.words[words.header(span)]) != 0) {
                throw new Violation("I7: chunks of span " + span + " stay in use for ever");
            }
        }
        if (state.words[words.frozen()] != 0) {
            throw new Violation("I7: a span stays frozen for ever");
        }
        for (int owner = 0; owner < words.owners; owner++) {
            OwnerState ended = state.owners[owner];
            if (ended.status == OwnerState.FENCED || ended.doubt != 0) {
                throw new Violation("I7: owner " + (char) ('A' + owner) + " is never resolved");
            }
            for (int slot = 0; slot < words.slotsPerOwner; slot++) {
                if (ended.ghost[slot] != 0 || ended.held[slot] != 0 || ended.waiting[slot] != 0) {
                    throw new Violation("I7: slot " + slot + " of owner " + (char) ('A' + owner)
                            + " stands for something for ever");
                }
            }
        }
    }
}
