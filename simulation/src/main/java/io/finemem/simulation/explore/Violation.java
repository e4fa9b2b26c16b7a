package io.finemem.simulation.explore;

/** An invariant of the protocol does not hold. */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    Violation(String message) {
        super(message, null, false, false);
    }
}
