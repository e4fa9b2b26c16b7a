package io.finemem.simulation.explore;

import java.time.Duration;
import java.util.List;

/**
 * What the exploration of a scenario found.
 *
 * @param scenario name
 * @param states different states
 * @param transitions steps between them
 * @param complete whether all states were seen; otherwise those nearest to the beginning
 * @param time how long it took
 * @param story how an invariant broke, a step per line; empty if none did
 */
public record Outcome(
        String scenario, long states, long transitions, boolean complete, Duration time, List<String> story) {
    /** Copies the story. */
    public Outcome {
        story = List.copyOf(story);
    }

    /** Whether an invariant broke. */
    public boolean violated() {
        return !story.isEmpty();
    }

    /** What broke; empty if nothing did. */
    public String violation() {
        return story.isEmpty() ? "" : story.get(story.size() - 1).substring("=> ".length());
    }
}
