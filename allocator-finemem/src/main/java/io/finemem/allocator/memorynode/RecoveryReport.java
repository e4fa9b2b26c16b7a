package io.finemem.allocator.memorynode;

/**
 * What became of owners that died or left, since the memory node was opened.
 *
 * @param recovered owners whose memory was taken back
 * @param reclaimedUnits chunks, spans and sections that were taken back
 * @param recoveryNanos time in passes over journals, in total
 * @param fences owners that were cut off
 * @param failedFences attempts to cut an owner off that are to be repeated
 * @param expiredLeases owners taken for dead because they gave no sign of life
 */
public record RecoveryReport(
        long recovered, long reclaimedUnits, long recoveryNanos, long fences, long failedFences, long expiredLeases) {}
