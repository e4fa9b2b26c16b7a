package io.finemem.runtime.trace;

import io.finemem.api.InvalidRequest;

/**
 * How traces are replayed.
 *
 * @param owner number of the replaying party, in every word that it writes; 1 to 4095, different for those that share a
 * pool
 * @param speed how many times faster than it was recorded, or 0 for as fast as possible
 */
public record ReplayOptions(int owner, double speed) {

    /** As fast as possible. */
    public static ReplayOptions of(int owner) {
        return new ReplayOptions(owner, 0);
    }

    /** Checks the ranges. */
    public ReplayOptions {
        if (owner < 1 || owner > BlockPattern.MAX_OWNER) {
            throw new InvalidRequest("an owner is numbered 1 to " + BlockPattern.MAX_OWNER, "owner", owner);
        }
        if (!(speed >= 0 && speed < Double.POSITIVE_INFINITY)) {
            throw new InvalidRequest("the speed is 0 (as fast as possible) or more", "speed", speed);
        }
    }
}
