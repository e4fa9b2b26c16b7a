package io.finemem.allocator.control;

/**
 * An owner's session with one of its memory nodes.
 *
 * @param memoryNode name of the node
 * @param bootNonce random number of the run of the node that the session is with
 * @param control the session
 */
public record NodeControl(String memoryNode, long bootNonce, MemoryNodeControl control) {}
