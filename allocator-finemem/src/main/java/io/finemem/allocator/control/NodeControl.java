package io.finemem.allocator.control;

/**
 * An owner's session with one of its memory nodes.
 *
 * @param memoryNode name of the node
 * @param control the session
 */
public record NodeControl(String memoryNode, MemoryNodeControl control) {}
