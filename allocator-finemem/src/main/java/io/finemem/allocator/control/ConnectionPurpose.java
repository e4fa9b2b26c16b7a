package io.finemem.allocator.control;

/** Which protection domain of the memory node a connection serves. */
public enum ConnectionPurpose {
    /** Headers, journal and capabilities: for allocation services only. */
    METADATA,
    /** The blocks. */
    HEAP
}
