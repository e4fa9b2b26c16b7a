package io.finemem.simulation.explore;

import io.finemem.allocator.layout.SectionWord;
import io.finemem.simulation.explore.Scenario.Fault;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Every step that may follow a state, always in the same order. */
final class Moves {
    private final Scenario scenario;
    private final Words words;
    private final Starts starts;
    private final Steps steps;
    private final Successors successors;
    private final ResolverSteps resolver;
    private final @Nullable Narrator narrator;
    private final boolean undisturbed;

    /**
     * @param narrator hears what each step is before it is taken, or null
     */
    Moves(Scenario scenario, Words words, Rules rules, @Nullable Narrator narrator) {
        this.scenario = scenario;
        this.words = words;
        this.starts = new Starts(scenario, words, rules);
        this.steps = new Steps(words, rules);
        this.successors = new Successors(words, rules);
        this.resolver = new ResolverSteps(words, rules);
        this.narrator = narrator;
        this.undisturbed =
                !scenario.has(Fault.LOSS) && !scenario.has(Fault.RESUME) && scenario.lanes() == 1 && rules.fences(0);
    }

    /** What a step is, for the story. */
    interface Narrator {
        /** A worker begins. */
        void starts(int owner, int lane, Action action);

        /** An element of a posted chain is executed. */
        void executes(int owner, int lane, Lane running, int element);

        /** The resolver executes an element. */
        void resolves(int resolver, ResolverState running);

        /** Anything else. */
        void happens(String what);
    }

    void of(State state, Consumer<State> out) {
        if (undisturbed && completing(state, out)) {
            return;
        }
        for (int owner = 0; owner < state.owners.length; owner++) {
            OwnerState acting = state.owners[owner];
            for (int lane = 0; lane < acting.lanes.length; lane++) {
                if (acting.unread != 0 && acting.lanes[lane] == null) {
                    continue;
                }
                if (acting.lanes[lane] != null) {
                    running(state, owner, lane, acting.lanes[lane], out);
                } else if (acting.status == OwnerState.LIVE && firstIdle(acting, lane)) {
                    learning(state, owner, out);
                    starting(state, owner, lane, out);
                }
            }
            membership(state, owner, out);
        }
        resolving(state, out);
        if (scenario.has(Fault.HINT)) {
            hints(state, out);
        }
    }

    /**
     * While connections do not fail, that an owner with one worker learns its results is seen by nobody else, and a fence of
     * it leads to the same state before and after: no other step needs to be tried first.
     */
    private boolean completing(State state, Consumer<State> out) {
        for (int owner = 0; owner < state.owners.length; owner++) {
            OwnerState acting = state.owners[owner];
            Lane running = acting.lanes[0];
            if (running != null && acting.status == OwnerState.LIVE && running.allExecuted()) {
                happens(owner, " learns the results of its chain");
                out.accept(steps.complete(state, owner, 0));
                return true;
            }
        }
        return false;
    }

    /** Idle workers are interchangeable. */
    private static boolean firstIdle(OwnerState owner, int lane) {
        for (int earlier = 0; earlier < lane; earlier++) {
            if (owner.lanes[earlier] == null) {
                return false;
            }
        }
        return true;
    }

    private void starting(State state, int owner, int lane, Consumer<State> out) {
        starts.of(state, owner, (action, procedure) -> {
            if (narrator != null) {
                narrator.starts(owner, lane, action);
            }
            State next = steps.start(state, owner, lane, action, procedure);
            if (next != null) {
                out.accept(next);
            }
        });
    }

    private void learning(State state, int owner, Consumer<State> out) {
        State next = steps.learn(state, owner);
        if (next != null) {
            happens(owner, " reads the head of its revoke ring: slots are free again");
            out.accept(next);
        }
    }

    private void running(State state, int owner, int lane, Lane running, Consumer<State> out) {
        for (int element = 0; element < running.chain.size(); element++) {
            if (running.mayExecute(element)) {
                if (narrator != null) {
                    narrator.executes(owner, lane, running, element);
                }
                out.accept(steps.execute(state, owner, lane, element));
            }
        }
        if (state.owners[owner].status != OwnerState.LIVE) {
            return;
        }
        if (running.allExecuted()) {
            happens(owner, " learns the results of its chain");
            out.accept(steps.complete(state, owner, lane));
        }
        if (scenario.has(Fault.LOSS)) {
            happens(owner, "'s connection fails: the chain is cut off here, its completion lost");
            out.accept(steps.lose(state, owner, lane));
        }
    }

    private void membership(State state, int owner, Consumer<State> out) {
        int status = state.owners[owner].status;
        if (status == OwnerState.LIVE && scenario.has(Fault.DEATH)) {
            happens(owner, " is taken for dead and fenced");
            out.accept(steps.fence(state, owner));
        }
        if (status == OwnerState.LIVE && scenario.has(Fault.RESUME)) {
            resuming(state, owner, out);
        }
        if (status == OwnerState.GONE && scenario.has(Fault.REJOIN)) {
            happens(owner, " was recovered and joins again as a new owner");
            out.accept(steps.rejoin(state, owner));
        }
    }

    private void resuming(State state, int owner, Consumer<State> out) {
        State read = successors.read(state, owner);
        if (read != null) {
            happens(owner, "'s successor finds out what its next slot means");
            out.accept(read);
        }
        OwnerState ended = state.owners[owner];
        int held = ended.heldSlots();
        for (int recorded = held; ; recorded = recorded - 1 & held) {
            happens(owner, " is resumed by another process, with " + Integer.bitCount(recorded) + " blocks recorded");
            out.accept(successors.resume(state, owner, recorded, true));
            if ((ended.doubt & ~ended.told) != 0) {
                happens(owner, " is resumed before the memory node has heard of slots in doubt");
                out.accept(successors.resume(state, owner, recorded, false));
            }
            if (recorded == 0) {
                return;
            }
        }
    }

    private void resolving(State state, Consumer<State> out) {
        for (int i = 0; i < state.resolvers.length; i++) {
            ResolverState running = state.resolvers[i];
            if (running == null) {
                happens("the resolver begins");
                State next = resolver.start(state, i);
                if (next != null) {
                    out.accept(next);
                }
                sweeping(state, i, out);
                continue;
            }
            if (narrator != null) {
                narrator.resolves(i, running);
            }
            out.accept(resolver.step(state, i));
            if (scenario.has(Fault.RESTART)) {
                happens("the resolver stops and will begin again");
                out.accept(resolver.restart(state, i));
                State failed = resolver.fail(state, i);
                if (failed != null) {
                    happens("the sweeper's connection fails");
                    out.accept(failed);
                }
            }
        }
    }

    private void sweeping(State state, int thread, Consumer<State> out) {
        if (!scenario.strict()) {
            return;
        }
        for (int owners = 1; owners < 1 << words.owners; owners++) {
            State next = resolver.sweep(state, thread, owners);
            if (next != null) {
                happens("the sweeper begins a batch, and reads its entries");
                out.accept(next);
            }
        }
    }

    private void hints(State state, Consumer<State> out) {
        for (int span = 0; span < words.spans; span++) {
            int index = words.section(span / 16);
            long word = state.words[index];
            int now = SectionWord.state(word, span % 16);
            if (now == SectionWord.OPEN || now == SectionWord.DISCOURAGED) {
                happens("somebody changes the hint of a span");
                State next = state.copy();
                int other = now == SectionWord.OPEN ? SectionWord.DISCOURAGED : SectionWord.OPEN;
                next.words[index] = SectionWord.nextVersion(SectionWord.withState(word, span % 16, other));
                out.accept(next);
            }
        }
    }

    private void happens(int owner, String what) {
        if (narrator != null) {
            narrator.happens("owner " + (char) ('A' + owner) + what);
        }
    }

    private void happens(String what) {
        if (narrator != null) {
            narrator.happens(what);
        }
    }
}
