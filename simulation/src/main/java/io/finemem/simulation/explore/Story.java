package io.finemem.simulation.explore;

import io.finemem.simulation.step.PostedChain;
import io.finemem.simulation.step.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tells how a violation came about: the path is walked again, step by step, and each step put into words. */
final class Story implements Moves.Narrator {
    private final Words words;
    private final Moves moves;
    private final List<String> lines = new ArrayList<>();
    private String label = "";
    private @Nullable Told told;

    /** An element that was executed, with the value of its word before. */
    private record Told(String who, PostedChain chain, int element) {}

    private Story(Scenario scenario, Words words, Rules rules) {
        this.words = words;
        this.moves = new Moves(scenario, words, rules, this);
    }

    /**
     * The story of a path.
     *
     * @param path positions of the steps among those that may follow each state
     * @param lastBreaks whether the step after the path throws
     */
    static List<String> tell(
            Scenario scenario, Words words, Rules rules, State start, int[] path, boolean lastBreaks, String why) {
        Story story = new Story(scenario, words, rules);
        State state = start;
        for (int position : path) {
            state = story.step(state, position);
        }
        if (lastBreaks) {
            story.breakingStep(state);
        }
        story.lines.add("=> " + why);
        return story.lines;
    }

    private State step(State state, int position) {
        State[] found = new State[1];
        int[] count = new int[1];
        try {
            moves.of(state, next -> {
                if (count[0]++ == position) {
                    found[0] = next;
                    line(state, next);
                }
            });
        } catch (Violation e) {
            // A step after the wanted one breaks; the wanted one was found before.
            if (found[0] == null) {
                throw e;
            }
        }
        if (found[0] == null) {
            throw new IllegalArgumentException("step " + (lines.size() + 1) + " of the trace cannot be: " + count[0]
                    + " steps may follow there, not " + (position + 1));
        }
        return found[0];
    }

    private void breakingStep(State state) {
        try {
            moves.of(state, next -> {});
        } catch (Violation e) {
            line(state, null);
        }
    }

    private void line(State before, @Nullable State after) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%3d  ", lines.size() + 1));
        Told element = told;
        if (element == null) {
            text.append(label);
        } else {
            text.append(element.who()).append(element(element.chain(), element.element(), before, after));
        }
        lines.add(text.toString());
    }

    private String element(PostedChain chain, int element, State before, @Nullable State after) {
        if (chain.kind(element) >= PostedChain.BIND) {
            Keys.Node node = words.nodes.get((int) chain.first(element));
            return (chain.kind(element) == PostedChain.BIND ? "binds the window of " : "stores the rkey of ")
                    + (node.chunks() ? "chunks " : "spans ") + Integer.toHexString(node.mask()) + " of " + node.unit();
        }
        int index = words.index(chain.offset(element));
        if (index < 0) {
            return "READ capability";
        }
        String then = after == null ? "?" : words.text(index, after.words[index]);
        String was = words.text(index, before.words[index]);
        return switch (chain.kind(element)) {
            case PostedChain.WRITE -> "WRITE " + words.name(index) + ": " + was + " -> " + then;
            case PostedChain.CAS -> compareAndSwap(chain, element, index, before.words[index]);
            case PostedChain.ADD -> "FETCH_ADD " + words.name(index) + ": " + was + " -> " + then;
            default -> "READ " + words.name(index) + ": " + was;
        };
    }

    private String compareAndSwap(PostedChain chain, int element, int index, long before) {
        String expected = words.text(index, chain.first(element));
        if (before == chain.first(element)) {
            return "CAS " + words.name(index) + ": " + expected + " -> " + words.text(index, chain.second(element));
        }
        return "CAS " + words.name(index) + " fails: expected " + expected + ", found " + words.text(index, before);
    }

    @Override
    public void starts(int owner, int lane, Action action) {
        told = null;
        label = who(owner, lane) + "posts a chain: " + action.kind()
                + (action.unit() < 0 ? "" : " in " + action.unit())
                + (action.slot() < 0 ? "" : ", slot " + action.slot())
                + (action.transition() < 0 ? "" : ", transition slot " + action.transition());
    }

    @Override
    public void executes(int owner, int lane, Lane running, int element) {
        told = new Told(who(owner, lane) + running.action.kind() + ": ", running.chain, element);
    }

    @Override
    public void resolves(int resolver, ResolverState running) {
        told = new Told("resolver " + (resolver + 1) + ": ", running.chain, running.position);
    }

    @Override
    public void happens(String what) {
        told = null;
        label = what;
    }

    private static String who(int owner, int lane) {
        return "owner " + (char) ('A' + owner) + (lane == 0 ? " " : "' ");
    }
}
