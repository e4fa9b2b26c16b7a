package io.finemem.allocator.resume;

/** How an owner came to its place at a memory node. */
public enum ResumeOutcome {
    /** There was no ticket: it is a new owner. */
    FRESH,
    /** It goes on as the owner of the ticket. */
    RESUMED,
    /** The owner of the ticket was declared dead, or another session takes it at this moment: it is a new owner. */
    TOO_LATE,
    /** The memory node was restarted since the ticket was made, and has none of its former blocks: it is a new owner. */
    NODE_RESTARTED,
    /** The token is not that of the owner: it is a new owner. */
    REFUSED
}
