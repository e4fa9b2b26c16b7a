package io.finemem.allocator.control;

/**
 * Admission of an owner.
 *
 * @param ownerId never used again by this memory node, 1 or more
 * @param leaseMillis the owner is taken for dead if no {@link MemoryNodeControl#heartbeat} came for that long
 * @param journal the owner's first journal segment; more by {@link MemoryNodeControl#growJournal}
 */
public record OwnerGrant(int ownerId, int leaseMillis, JournalSegment journal) {}
