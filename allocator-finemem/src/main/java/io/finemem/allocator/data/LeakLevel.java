package io.finemem.allocator.data;

/** How much is done to notice blocks that become unreachable without being closed. */
public enum LeakLevel {
    /** Nothing. */
    DISABLED,
    /** One block of 128 is watched. */
    SIMPLE,
    /** One block of 128 is watched, and the report says where it was allocated. */
    ADVANCED,
    /** Every block is watched, and the report says where it was allocated. */
    PARANOID
}
