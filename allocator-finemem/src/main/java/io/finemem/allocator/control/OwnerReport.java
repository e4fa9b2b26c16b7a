package io.finemem.allocator.control;

/**
 * What one owner uses of a memory node's pool.
 *
 * @param ownerId its id
 * @param peerName who it is
 * @param live whether it is working; false while it is being fenced and recovered
 * @param coveredChunks chunks in use that its journal covers; a stale entry may cover what another owner holds by now
 * @param journalSlots slots of its journal
 * @param silentMillis since its latest heartbeat
 */
public record OwnerReport(
        int ownerId, String peerName, boolean live, long coveredChunks, int journalSlots, long silentMillis) {}
