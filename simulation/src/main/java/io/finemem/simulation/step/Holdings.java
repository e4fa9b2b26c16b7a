package io.finemem.simulation.step;

/**
 * Who really holds what, by index of journal slot. An entry has the form of a PENDING journal slot; for a run of sections
 * its mask has a bit per section that was won.
 */
public interface Holdings {
    /** Journal slots. */
    int slots();

    /** What is held under a slot; 0 is nothing. */
    long entry(int slot);

    /** Changes what is held under a slot. */
    void setEntry(int slot, long entry);

    /** Whether the resolver may give back what is held under the slot: its owner is fenced, or it is in doubt. */
    boolean resolvable(int slot);

    /** Whether the resolver has closed the span for the time of a scan. */
    boolean frozen(int span);

    /** The resolver closes the span for the time of a scan, or opens it again. */
    void setFrozen(int span, boolean frozen);

    /** How the slot is called in a story. */
    String name(int slot);
}
