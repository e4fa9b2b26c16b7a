package io.finemem.simulation.step;

/** An invariant of the protocol does not hold. */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What does not hold. */
    public Violation(String message) {
        super(message, null, false, false);
    }
}
