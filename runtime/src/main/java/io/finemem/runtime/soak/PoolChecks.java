package io.finemem.runtime.soak;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.OwnerReport;
import io.finemem.allocator.control.PoolReport;
import io.finemem.allocator.layout.Geometry;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Compares what the memory node says of its pool with what the owners say that they hold. */
final class PoolChecks {
    private static final String NAME = "owner";

    private final MemoryNodeControl control;
    private final SoakOptions options;
    private final Patience patience;

    /** Waits, and takes in what the processes say meanwhile. */
    interface Patience {
        void await(String what, BooleanSupplier condition);
    }

    PoolChecks(MemoryNodeControl control, SoakOptions options, Patience patience) {
        this.control = control;
        this.options = options;
        this.patience = patience;
    }

    /** Ids of the living owners of a process. */
    static List<Integer> ownersNamed(PoolReport report, int first, int count) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            names.add(NAME + (first + i));
        }
        return report.owners().stream()
                .filter(owner -> owner.live() && names.contains(owner.peerName()))
                .map(OwnerReport::ownerId)
                .toList();
    }

    static boolean noneLives(PoolReport report, List<Integer> ids) {
        return report.owners().stream().noneMatch(owner -> owner.live() && ids.contains(owner.ownerId()));
    }

    /** Nobody is dead whose memory was not given back, and all that should work do. */
    void awaitRecovered() {
        patience.await("all dead owners to be recovered", () -> {
            List<OwnerReport> owners = control.inspect().owners();
            return owners.size() == options.owners() && owners.stream().allMatch(OwnerReport::live);
        });
    }

    /** Until so many chunks are in use: in strict isolation a freed block is in use until its key is dead. */
    void awaitUsed(long chunks) {
        AuditReport[] last = new AuditReport[1];
        try {
            patience.await(chunks + " chunks in use and every one of them explained", () -> {
                AuditReport audit = control.audit();
                last[0] = audit;
                require(audit.violations().isEmpty(), "the audit finds broken invariants", audit);
                return audit.usedChunks() == chunks && audit.explainedChunks() == chunks;
            });
        } catch (OperationTimeout e) {
            ProtocolViolation wrong = violation("chunks are lost, or in use twice", "held " + chunks + ", " + last[0]);
            wrong.addSuppressed(e);
            throw wrong;
        }
    }

    /** All owners are paused. */
    void requireEverythingAccountedFor(List<OwnerProcess> owners) {
        TreeMap<Long, Long> blocks = new TreeMap<>();
        long bytes = 0;
        for (OwnerProcess process : owners) {
            for (long[] held : process.held()) {
                for (int i = 0; i < held.length; i += 2) {
                    require(blocks.put(held[i], held[i + 1]) == null, "two owners hold the same block", held[i]);
                    bytes += held[i + 1];
                }
            }
        }
        long end = 0;
        for (Map.Entry<Long, Long> block : blocks.entrySet()) {
            require(block.getKey() >= end, "two blocks overlap", block);
            end = block.getKey() + block.getValue();
        }
        long held = bytes / Geometry.CHUNK_BYTES;
        awaitUsed(held);
        PoolReport report = control.inspect();
        require(held + freeChunks(report) == report.heapBytes() / Geometry.CHUNK_BYTES, "free + held != all", report);
    }

    /** Counted from what is free, not as what is not used. */
    private static long freeChunks(PoolReport report) {
        long usedInOpen = report.usedChunks() - (long) report.takenSpans() * Geometry.CHUNKS_PER_SPAN;
        return (long) (report.emptySpans() + report.openSpans()) * Geometry.CHUNKS_PER_SPAN - usedInOpen;
    }

    void requireAll(long chunks) {
        require(chunks == options.poolBytes() / Geometry.CHUNK_BYTES, "not every chunk can be allocated", chunks);
    }

    private void require(boolean condition, String wrong, Object detail) {
        if (!condition) {
            throw violation(wrong, detail);
        }
    }

    private ProtocolViolation violation(String wrong, Object detail) {
        return new ProtocolViolation(wrong, "found", detail, "seed", options.seed());
    }
}
