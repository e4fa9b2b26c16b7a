package io.finemem.api;

/**
 * Counters of one {@link RemoteMemory} since it was opened.
 *
 * @param allocations successful allocations
 * @param frees frees, those of {@link RemoteMemory#close()} included
 * @param failedAllocations allocations that ended with an exception
 * @param liveBlocks blocks held now
 * @param liveBytes bytes held now
 * @param compareAndSwapRetries compare-and-swaps that found another value than the expected one
 * @param doorbells chains posted for allocations and frees, opening and closing of spans included
 * @param roundTrips dependent round trips waited for by allocations and frees
 * @param verbs one-sided operations posted for allocations and frees
 * @param leakedBlocks blocks that became unreachable without being closed, as far as {@code finemem.leak-detection} found
 *     them; they are still held
 */
public record MemoryStatistics(
        long allocations,
        long frees,
        long failedAllocations,
        long liveBlocks,
        long liveBytes,
        long compareAndSwapRetries,
        long doorbells,
        long roundTrips,
        long verbs,
        long leakedBlocks) {}
