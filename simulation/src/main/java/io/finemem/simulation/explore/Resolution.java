package io.finemem.simulation.explore;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.recovery.ResolveSlots;
import java.util.Set;

/** The memory node's resolution under way, as {@link ResolveSlots} ships it unless {@link Rules} say otherwise. */
public interface Resolution {
    /** What runs. */
    Procedure procedure();

    /** See {@link ResolveSlots#resolved}. */
    boolean resolved();

    /** See {@link ResolveSlots#erased}. */
    boolean erased(int slot);

    /** See {@link ResolveSlots#waitingFor}. */
    Set<Integer> waitingFor();

    /** An independent copy. */
    Resolution copy();

    /** The one that ships. */
    static Resolution shipped(ResolveSlots resolve) {
        return new Shipped(resolve);
    }

    /** The resolution that ships. */
    record Shipped(ResolveSlots procedure) implements Resolution {
        @Override
        public boolean resolved() {
            return procedure.resolved();
        }

        @Override
        public boolean erased(int slot) {
            return procedure.erased(slot);
        }

        @Override
        public Set<Integer> waitingFor() {
            return procedure.waitingFor();
        }

        @Override
        public Resolution copy() {
            return new Shipped(procedure.copy());
        }
    }
}
