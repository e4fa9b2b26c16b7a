package io.finemem.allocator.resume;

/**
 * How an owner came to its place at one memory node.
 *
 * @param memoryNode its name
 * @param outcome resumed, or a new owner and why
 * @param ownerId id of the owner there now
 * @param incarnation sessions that the owner has had, this one included: 1 of a new owner
 */
public record NodeResumption(String memoryNode, ResumeOutcome outcome, int ownerId, int incarnation) {}
