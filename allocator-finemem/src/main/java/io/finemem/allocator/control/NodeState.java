package io.finemem.allocator.control;

/** What a memory node wants of owners. */
public enum NodeState {
    /** Allocations are welcome. */
    SERVING,
    /** Blocks stay usable and can be freed; new ones are to be allocated elsewhere. */
    DRAINING
}
