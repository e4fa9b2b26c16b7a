package io.finemem.simulation.explore;

import java.time.Duration;
import java.util.List;

/**
 * What the exploration of a scenario found.
 *
 * @param scenario name
 * @param states different states
 * @param transitions steps between them
 * @param end why it ended
 * @param time how long it took
 * @param trace the way to the violation, for {@link Explore#replay}; empty if there is none
 * @param story how an invariant broke, a step per line; empty if none did
 */
public record Outcome(
        String scenario, long states, long transitions, End end, Duration time, String trace, List<String> story) {
    /** Why an exploration ended. */
    public enum End {
        /** All states were seen. */
        COMPLETE("complete"),
        /** As many states as asked for were seen: those nearest to the beginning. */
        STATES("cut off"),
        /** The time was over. */
        TIME("cut off: time"),
        /** The heap was full. */
        MEMORY("cut off: memory"),
        /** An invariant broke. */
        VIOLATED("VIOLATED");

        private final String text;

        End(String text) {
            this.text = text;
        }

        /** In a word or two. */
        public String text() {
            return text;
        }
    }

    /** Copies the story. */
    public Outcome {
        story = List.copyOf(story);
    }

    /** Whether all states were seen; otherwise those nearest to the beginning. */
    public boolean complete() {
        return end == End.COMPLETE;
    }

    /** Whether an invariant broke. */
    public boolean violated() {
        return end == End.VIOLATED;
    }

    /** What broke; empty if nothing did. */
    public String violation() {
        return story.isEmpty() ? "" : story.get(story.size() - 1).substring("=> ".length());
    }
}
