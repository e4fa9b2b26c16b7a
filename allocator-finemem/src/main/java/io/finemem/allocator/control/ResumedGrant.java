package io.finemem.allocator.control;

import java.util.List;

/**
 * An owner that a session has taken over. No chain of earlier sessions executes any more.
 *
 * @param ownerId its id
 * @param incarnation sessions that it has had, this one included: 2 or more
 * @param leaseMillis the owner is taken for dead if no {@link MemoryNodeControl#heartbeat} came for that long
 * @param journal its segments, at least one
 * @param undecided slots that an earlier session had in doubt and that are still being decided, whatever they say now: to be given
 *     to {@link MemoryNodeControl#resolve} until they are decided
 */
public record ResumedGrant(
        int ownerId, int incarnation, int leaseMillis, List<JournalSegment> journal, List<Integer> undecided) {

    /** Most segments that can be resumed. */
    public static final int MAX_SEGMENTS = 2048;

    /** Takes copies of the lists. */
    public ResumedGrant {
        journal = List.copyOf(journal);
        undecided = List.copyOf(undecided);
    }
}
