package io.finemem.simulation.explore;

import java.time.Duration;

/**
 * How much is explored.
 *
 * @param states states of each scenario; 0: as many as it has, but some that have too many are cut off
 * @param time for all scenarios together, shared among them; zero is no limit
 * @param threads scenarios explored at the same time, 1 or more
 */
public record Effort(long states, Duration time, int threads) {
    /** Checks the ranges. */
    public Effort {
        if (states < 0 || time.isNegative() || threads < 1) {
            throw new IllegalArgumentException(
                    "effort out of range: states=" + states + " time=" + time + " threads=" + threads);
        }
    }

    boolean timed() {
        return !time.isZero();
    }
}
