package io.finemem.runtime.control;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.control.ResumableGrant;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.ErrorCode;

/** A memory node's answer. */
sealed interface ControlResponse {

    /**
     * The session is open.
     *
     * @param peerTimeoutMillis a client that is silent for longer is taken for dead
     */
    record Welcome(int peerTimeoutMillis) implements ControlResponse {}

    /** It was done, and there is nothing to tell. */
    record Done() implements ControlResponse {}

    record Pool(PoolDescription pool) implements ControlResponse {}

    record Granted(OwnerGrant grant) implements ControlResponse {}

    record Resumable(ResumableGrant grant) implements ControlResponse {}

    record Resumed(ResumedGrant grant) implements ControlResponse {}

    record Grown(JournalSegment segment) implements ControlResponse {}

    record Connected(ServedEnd end) implements ControlResponse {}

    record Alive(HeartbeatReply reply) implements ControlResponse {}

    record Resolved(int[] slots) implements ControlResponse {}

    record Inspected(PoolReport report) implements ControlResponse {}

    record Counted(NodeStatistics statistics) implements ControlResponse {}

    record Audited(AuditReport report) implements ControlResponse {}

    /** The request failed; the session goes on. */
    record Failed(ErrorCode code, String text) implements ControlResponse {}
}
