package io.finemem.runtime.control;

import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is sent to resume an owner, as part of {@link ControlCodec}. */
final class ResumeCodec {
    private ResumeCodec() {}

    static WireWriter writeToken(WireWriter out, ResumeToken token) {
        return out.i64(token.high()).i64(token.low());
    }

    static ResumeToken readToken(WireReader in) {
        return ResumeToken.of(in.i64("token"), in.i64("token"));
    }

    static void write(WireWriter out, ResumedGrant grant) {
        if (grant.journal().size() > ResumedGrant.MAX_SEGMENTS) {
            throw new OutOfLocalResources(
                    "the owner has too many journal segments to be resumed",
                    "segments",
                    grant.journal().size(),
                    "maximum",
                    ResumedGrant.MAX_SEGMENTS);
        }
        out.i32(grant.ownerId()).i32(grant.incarnation()).i32(grant.leaseMillis());
        out.u16(grant.journal().size());
        grant.journal().forEach(segment -> ControlCodec.writeSegment(out, segment));
        ControlCodec.writeSlots(
                out, grant.undecided().stream().mapToInt(Integer::intValue).toArray());
    }

    static ResumedGrant read(WireReader in) {
        int owner = in.i32("owner", 1);
        int incarnation = in.i32("incarnation", 2);
        int lease = in.i32("lease", 1);
        int count = in.u16("segments");
        if (count < 1 || count > ResumedGrant.MAX_SEGMENTS) {
            throw new ProtocolViolation("control message has a wrong number of journal segments", "count", count);
        }
        List<JournalSegment> journal = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            journal.add(ControlCodec.readSegment(in));
        }
        List<Integer> undecided =
                Arrays.stream(ControlCodec.readSlots(in)).boxed().toList();
        return new ResumedGrant(owner, incarnation, lease, journal, undecided);
    }
}
