package io.finemem.simulation.explore;

/** What an owner's worker may be doing. */
public enum Kind {
    /** Claims chunks of an open span. */
    CLAIM,
    /** Claims several blocks of an open span by one compare-and-swap. */
    CLAIM_MANY,
    /** Frees all its blocks by one chain. */
    FREE_MANY,
    /** Opens a span and claims several blocks in it. */
    OPEN_MANY,
    /** Frees chunks. */
    FREE,
    /** Opens a span and claims its first chunks. */
    OPEN,
    /** Closes an empty span. */
    CLOSE,
    /** Frees a block in strict isolation: asks for its revocation. */
    REVOKE,
    /** Claims whole spans of a section. */
    CLAIM_SPANS,
    /** Claims whole sections. */
    CLAIM_SECTIONS,
    /** Frees whole spans or sections. */
    FREE_SPANS,
    /** Confirms one block, or erases one stale entry, of its own accord. */
    CONFIRM,
    /** Answers a settle request. */
    SETTLE
}
