package io.finemem.spi.transport;

/** Kinds of chain elements. */
public enum Operation {
    /** Remote memory to local memory. */
    READ,
    /** Local memory to remote memory. */
    WRITE,
    /** Compare-and-swap of a 64-bit word. */
    COMPARE_AND_SWAP,
    /** Fetch-and-add of a 64-bit word. */
    FETCH_ADD,
    /** Gives a window of this side a range and a new rkey. */
    BIND_WINDOW,
    /** Ends the rkey of a window of this side. */
    INVALIDATE_WINDOW
}
