package io.finemem.simulation.explore;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The way to a state: of each state on it, which of the steps that may follow was taken. As a text the positions with dots
 * between them, and {@code !} behind them if the invariant breaks in the step that follows: {@code 0.3.12!}.
 *
 * @param path positions
 * @param lastBreaks whether a step after the path throws
 */
record Trace(int[] path, boolean lastBreaks) {
    static final Trace NONE = new Trace(new int[0], false);

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException if it is none of a trace
     */
    static Trace of(String text) {
        boolean breaks = text.endsWith("!");
        String positions = breaks ? text.substring(0, text.length() - 1) : text;
        if (!positions.matches("(\\d{1,5}(\\.\\d{1,5})*)?")) {
            throw new IllegalArgumentException("a trace is numbers with dots between them, as in 0.3.12: " + text);
        }
        int[] path = positions.isEmpty()
                ? new int[0]
                : Arrays.stream(positions.split("\\."))
                        .mapToInt(Integer::parseInt)
                        .toArray();
        return new Trace(path, breaks);
    }

    String text() {
        return Arrays.stream(path).mapToObj(Integer::toString).collect(Collectors.joining("."))
                + (lastBreaks ? "!" : "");
    }
}
