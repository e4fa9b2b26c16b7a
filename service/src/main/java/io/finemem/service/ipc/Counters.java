package io.finemem.service.ipc;

/**
 * What an application did through its session.
 *
 * @param allocations blocks that it got
 * @param frees blocks that it gave back
 * @param failedAllocations requests for blocks that failed
 * @param liveBlocks blocks that it holds
 * @param liveBytes bytes of them
 */
public record Counters(long allocations, long frees, long failedAllocations, long liveBlocks, long liveBytes) {
    /** Numbers of a record. */
    public static final int WORDS = 5;
}
