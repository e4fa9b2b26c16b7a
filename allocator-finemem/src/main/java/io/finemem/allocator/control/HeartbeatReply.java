package io.finemem.allocator.control;

/**
 * What a memory node tells an owner with every heartbeat.
 *
 * @param settleRequested the latest settle request, 0 if there was none
 * @param state whether allocations are welcome
 * @param freeBytes bytes of the heap that were free a moment ago: within the last 250 ms, or longer ago on a heap that takes longer
 *     than 5 ms to add up
 */
public record HeartbeatReply(long settleRequested, NodeState state, long freeBytes) {}
