package io.finemem.runtime.control;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.NodeStatistics;
import io.finemem.allocator.control.OwnerReport;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.PoolReport;
import io.finemem.api.ProtocolViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The reports among the control messages, to bytes and back. Lists are cut to what a message holds; the last violation then
 * says how many are left out.
 */
final class ReportCodec {
    static final int MAX_VIOLATIONS = 100;
    static final int MAX_VIOLATION_BYTES = 256;
    static final int MAX_OWNERS = 256;

    static final int MAX_LABELS = 32;

    // Numbers on the wire, apart from the order of declaration elsewhere.
    private static final NodeState[] STATES = {NodeState.SERVING, NodeState.DRAINING};

    private ReportCodec() {}

    static void write(WireWriter out, HeartbeatReply reply) {
        out.i64(reply.settleRequested())
                .u8(ControlCodec.number(STATES, reply.state()))
                .i64(reply.freeBytes());
    }

    static HeartbeatReply readReply(WireReader in) {
        return new HeartbeatReply(in.i64("settle request", 0), in.constant("state", STATES), in.i64("free bytes", 0));
    }

    static void write(WireWriter out, NodeStatistics statistics) {
        out.text(statistics.memoryNode(), NodeName.MAX_LENGTH)
                .i64(statistics.bootNonce())
                .u8(ControlCodec.number(STATES, statistics.state()));
        writeLabels(out, statistics.labels());
        out.i64(statistics.heapBytes())
                .i64(statistics.usedBytes())
                .i64(statistics.blocks())
                .i32(statistics.owners())
                .i32(statistics.sessions());
    }

    static NodeStatistics readStatistics(WireReader in) {
        return new NodeStatistics(
                ControlCodec.name(in, "memory node"),
                in.i64("boot nonce"),
                in.constant("state", STATES),
                readLabels(in),
                in.i64("heap bytes", 0),
                in.i64("used bytes", 0),
                in.i64("blocks", 0),
                in.i32("owners", 0),
                in.i32("sessions", 0));
    }

    static void writeLabels(WireWriter out, SortedSet<String> labels) {
        out.u8(labels.size());
        labels.forEach(label -> out.text(label, NodeName.MAX_LENGTH));
    }

    static SortedSet<String> readLabels(WireReader in) {
        int count = in.u8("labels");
        if (count > MAX_LABELS) {
            throw new ProtocolViolation("control message has too many labels", "count", count);
        }
        TreeSet<String> labels = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            String label = ControlCodec.name(in, "label");
            if (!labels.isEmpty() && labels.last().compareTo(label) >= 0) {
                throw new ProtocolViolation("control message has labels out of order", "label", i);
            }
            labels.add(label);
        }
        return labels;
    }

    static void write(WireWriter out, AuditReport report) {
        List<String> violations = report.violations();
        boolean cut = violations.size() > MAX_VIOLATIONS;
        List<String> sent = new ArrayList<>(cut ? violations.subList(0, MAX_VIOLATIONS - 1) : violations);
        if (cut) {
            sent.add("and " + (violations.size() - sent.size()) + " more");
        }
        out.text(report.memoryNode(), NodeName.MAX_LENGTH)
                .i32(report.sections())
                .i32(report.openSpans())
                .i64(report.usedChunks())
                .i64(report.explainedChunks())
                .i32(report.owners())
                .u16(sent.size());
        sent.forEach(violation -> out.cutText(violation, MAX_VIOLATION_BYTES));
    }

    static AuditReport readAudit(WireReader in) {
        String memoryNode = ControlCodec.name(in, "memory node");
        int sections = in.i32("sections", 1);
        int openSpans = in.i32("open spans", 0);
        long usedChunks = in.i64("used chunks", 0);
        long explainedChunks = in.i64("explained chunks", 0);
        int owners = in.i32("owners", 0);
        return new AuditReport(
                memoryNode, sections, openSpans, usedChunks, explainedChunks, owners, readViolations(in));
    }

    private static List<String> readViolations(WireReader in) {
        int count = in.u16("violations");
        if (count > MAX_VIOLATIONS) {
            throw new ProtocolViolation("control message has too many violations", "count", count);
        }
        List<String> violations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            violations.add(in.text("violation", MAX_VIOLATION_BYTES));
        }
        return violations;
    }

    static void write(WireWriter out, PoolReport report) {
        List<OwnerReport> owners =
                report.owners().subList(0, Math.min(report.owners().size(), MAX_OWNERS));
        out.i64(report.heapBytes())
                .i64(report.metadataBytes())
                .i32(report.emptySpans())
                .i32(report.openSpans())
                .i32(report.takenSpans())
                .i32(report.contendedSpans())
                .i64(report.usedChunks())
                .i64(report.largestFreeBytes())
                .u16(owners.size());
        for (OwnerReport owner : owners) {
            out.i32(owner.ownerId())
                    .text(owner.peerName(), NodeName.MAX_LENGTH)
                    .u8(owner.live() ? 1 : 0)
                    .i64(owner.coveredChunks())
                    .i32(owner.journalSlots())
                    .i64(owner.silentMillis());
        }
    }

    static PoolReport readPool(PoolDescription pool, WireReader in) {
        return new PoolReport(
                pool,
                in.i64("heap bytes", 0),
                in.i64("metadata bytes", 0),
                in.i32("empty spans", 0),
                in.i32("open spans", 0),
                in.i32("taken spans", 0),
                in.i32("contended spans", 0),
                in.i64("used chunks", 0),
                in.i64("largest free", 0),
                readOwners(in));
    }

    private static List<OwnerReport> readOwners(WireReader in) {
        int count = in.u16("owners");
        if (count > MAX_OWNERS) {
            throw new ProtocolViolation("control message has too many owners", "count", count);
        }
        List<OwnerReport> owners = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            owners.add(new OwnerReport(
                    in.i32("owner", 1),
                    ControlCodec.name(in, "peer name"),
                    in.flag("live"),
                    in.i64("covered chunks", 0),
                    in.i32("journal slots", 0),
                    in.i64("silent millis", 0)));
        }
        return owners;
    }
}
