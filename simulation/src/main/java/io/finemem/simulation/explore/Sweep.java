package io.finemem.simulation.explore;

import io.finemem.allocator.recovery.SweepRings;
import java.util.Set;

/**
 * A batch of revocations, run by the same thread as the resolutions.
 *
 * @param procedure the one that ships
 * @param owners whose rings are in the batch, in order
 */
record Sweep(SweepRings procedure, int[] owners) implements Resolution {
    @Override
    public boolean resolved() {
        return false;
    }

    @Override
    public boolean erased(int slot) {
        return false;
    }

    @Override
    public Set<Integer> waitingFor() {
        return Set.of();
    }

    @Override
    public Resolution copy() {
        return new Sweep(procedure.copy(), owners);
    }

    /** Whether a ring holds what the sweeper refuses, though no owner does anything wrong. */
    boolean violated() {
        for (int ring = 0; ring < owners.length; ring++) {
            if (procedure.violated(ring)) {
                return true;
            }
        }
        return false;
    }
}
