package io.finemem.simulation.explore;

import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.simulation.explore.Outcome.End;
import io.finemem.simulation.step.Violation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * Breadth-first search of all states of a scenario. Each state is checked against the invariants, and whether everything
 * can still become free from it.
 */
final class Explorer {
    private static final int LOOK_EVERY = 1 << 12;

    private final Scenario scenario;
    private final Rules rules;
    private final Words words;
    private final Moves moves;
    private final Invariants invariants;
    private final Progress progress;
    private final Fingerprint fingerprint;
    private final StateTable seen = new StateTable();
    private final ArrayDeque<State> frontier = new ArrayDeque<>();
    private int[] parents = new int[1 << 12];
    private short[] positions = new short[1 << 12];
    private long transitions;
    private int position;
    private volatile int found;

    Explorer(Scenario scenario, Rules rules) {
        this.scenario = scenario;
        this.rules = rules;
        this.words = new Words(scenario);
        this.moves = new Moves(scenario, words, rules, null);
        this.invariants = new Invariants(words, scenario.spansOutOfUse(), rules.checksInside());
        this.progress = new Progress(scenario, words, rules, seen);
        this.fingerprint = new Fingerprint(words, scenario.symmetric());
    }

    /** Explores a scenario until all states are seen, an invariant breaks, or so many states were seen. */
    static Outcome explore(Scenario scenario, Rules rules, long maxStates) {
        return new Explorer(scenario, rules).run(Limits.of(maxStates));
    }

    /** Tells a path that an exploration under the same rules gave. */
    static List<String> replay(Scenario scenario, Rules rules, Trace trace) {
        Explorer explorer = new Explorer(scenario, rules);
        return Story.tell(
                scenario,
                explorer.words,
                rules,
                explorer.initial(),
                trace.path(),
                trace.lastBreaks(),
                "end of the trace");
    }

    /** States found so far; may be asked by any thread. */
    int found() {
        return found;
    }

    Outcome run(Limits limits) {
        long start = System.nanoTime();
        State current = initial();
        End end = null;
        Trace trace = Trace.NONE;
        List<String> story = List.of();
        try {
            discover(current, 0);
            for (int i = 0; end == null; i++) {
                if (i % LOOK_EVERY == 0) {
                    found = seen.reached();
                }
                if (frontier.isEmpty()) {
                    end = End.COMPLETE;
                } else if (seen.reached() >= limits.states()) {
                    end = End.STATES;
                } else if (i % LOOK_EVERY == 0 && limits.reached() != null) {
                    end = limits.reached();
                } else {
                    current = frontier.poll();
                    expand(current);
                }
            }
        } catch (Broken e) {
            end = End.VIOLATED;
            trace = new Trace(path(e.state), false);
            story = tell(trace, e.getMessage());
        } catch (Violation e) {
            end = End.VIOLATED;
            trace = new Trace(path(current.number), true);
            story = tell(trace, e.getMessage());
        }
        found = seen.reached();
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        return new Outcome(scenario.name(), found, transitions, end, time, trace.text(), story);
    }

    private State initial() {
        long[] start = new long[words.count()];
        long outOfUse = SectionWord.withStates(0, scenario.spansOutOfUse(), SectionWord.TAKEN);
        start[words.section(0)] = outOfUse;
        for (int span = 0; span < words.spans && scenario.opened(); span++) {
            int section = words.section(span / 16);
            start[section] = SectionWord.withState(start[section], span % 16, SectionWord.OPEN);
            start[words.header(span)] = SpanHeader.withOpen(0, true);
        }
        OwnerState[] owners = new OwnerState[words.owners];
        for (int i = 0; i < owners.length; i++) {
            owners[i] = new OwnerState(words.slotsPerOwner, scenario.lanes());
            start[words.directory(i)] = i + 1;
        }
        return new State(start, owners, new ResolverState[rules.resolvers()]);
    }

    private void expand(State state) {
        position = 0;
        moves.of(state, next -> {
            transitions++;
            discover(next, state.number);
            position++;
        });
    }

    private void discover(State state, int parent) {
        fingerprint.of(state);
        if (!seen.mark(fingerprint.low(), fingerprint.high(), StateTable.REACHED)) {
            return;
        }
        state.number = seen.reached() - 1;
        if (state.number == parents.length) {
            parents = Arrays.copyOf(parents, 2 * parents.length);
            positions = Arrays.copyOf(positions, 2 * positions.length);
        }
        parents[state.number] = parent;
        positions[state.number] = (short) position;
        try {
            invariants.check(state);
            progress.check(state);
        } catch (Violation e) {
            throw new Broken(e.getMessage(), state.number);
        }
        frontier.add(state);
    }

    /** A state that was reached breaks an invariant, in contrast to a step that breaks one. */
    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int state;

        private Broken(String message, int state) {
            super(message, null, false, false);
            this.state = state;
        }
    }

    private int[] path(int number) {
        int length = 0;
        for (int i = number; i != 0; i = parents[i]) {
            length++;
        }
        int[] path = new int[length];
        for (int i = number; i != 0; i = parents[i]) {
            path[--length] = positions[i];
        }
        return path;
    }

    private List<String> tell(Trace trace, String why) {
        return Story.tell(scenario, words, rules, initial(), trace.path(), trace.lastBreaks(), why);
    }
}
