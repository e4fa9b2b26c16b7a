package io.finemem.allocator.control;

/** What gives a block an rkey of its own in strict isolation. */
public enum BlockKeys {
    /** A memory window per block: to end an rkey is one work request. On soft-RoCE a window's rkey opens the whole heap. */
    WINDOWS,
    /**
     * A memory region per block: every device enforces its bounds. To end an rkey is two system calls, and the memory is
     * registered ten times over, once for each length that a block can have.
     */
    REGIONS
}
