package io.finemem.allocator.control;

/**
 * Consecutive journal slots given to one owner.
 *
 * @param firstSlot index of the first slot in the memory node's journal
 * @param slots number of slots
 */
public record JournalSegment(int firstSlot, int slots) {}
