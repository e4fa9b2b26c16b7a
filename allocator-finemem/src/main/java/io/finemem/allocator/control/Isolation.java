package io.finemem.allocator.control;

/** How a memory node guards blocks of one owner from others. */
public enum Isolation {
    /** One rkey for the whole heap; owners trust each other. A freed block is reusable at once. */
    DIRECT,
    /** A revocable rkey per block; a freed block is reusable once its old rkey is dead. */
    STRICT
}
