package io.finemem.allocator.owner;

import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.resume.ResumeOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an owner was admitted by a memory node.
 *
 * @param ownerId its id
 * @param incarnation sessions that it has had, this one included
 * @param leaseMillis how long the node goes without a heartbeat
 * @param journal its segments
 * @param outcome whether a predecessor's blocks are there
 * @param token admits a successor; null if there can be none
 * @param undecided journal slots that a predecessor left in doubt and that are still being decided
 */
record Admission(
        int ownerId,
        int incarnation,
        int leaseMillis,
        List<JournalSegment> journal,
        ResumeOutcome outcome,
        @Nullable ResumeToken token,
        List<Integer> undecided) {
    private static final int FIRST = 1;

    /** An owner that ends with its session. */
    static Admission of(OwnerGrant grant) {
        return fresh(grant, ResumeOutcome.FRESH, null);
    }

    /** A new owner that may have a successor. */
    static Admission of(ResumableGrant grant, ResumeOutcome outcome) {
        return fresh(grant.grant(), outcome, grant.token());
    }

    private static Admission fresh(OwnerGrant grant, ResumeOutcome outcome, @Nullable ResumeToken token) {
        return new Admission(
                grant.ownerId(), FIRST, grant.leaseMillis(), List.of(grant.journal()), outcome, token, List.of());
    }

    /** An owner that goes on. */
    static Admission of(ResumedGrant grant, ResumeToken token) {
        return new Admission(
                grant.ownerId(),
                grant.incarnation(),
                grant.leaseMillis(),
                grant.journal(),
                ResumeOutcome.RESUMED,
                token,
                grant.undecided());
    }

    boolean resumed() {
        return outcome == ResumeOutcome.RESUMED;
    }
}
