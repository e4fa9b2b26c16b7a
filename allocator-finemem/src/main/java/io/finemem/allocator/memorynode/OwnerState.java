package io.finemem.allocator.memorynode;

/** Life of an owner id; it never goes back but from awaited to live, and an id is never used again. */
enum OwnerState {
    /** Working. */
    LIVE,
    /** Its session ended, and its metadata connections are being fenced; another session may resume it within the lease. */
    AWAITED,
    /** Declared dead; its connections are being fenced. */
    FENCING,
    /** Nothing that it posted executes any more; what it held is being reclaimed. */
    FENCED,
    /** It holds nothing, its journal is free. */
    GONE
}
