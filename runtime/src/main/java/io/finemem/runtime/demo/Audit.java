package io.finemem.runtime.demo;

import io.finemem.allocator.control.AuditReport;
import io.finemem.api.RemoteMemory;
import java.util.List;

/**
 * What an audit of the pool found, compared with what the compute processes say.
 *
 * @param heldChunks chunks of 4 KiB that the compute processes hold
 * @param usedChunks chunks whose bit is set
 * @param explainedChunks used chunks that a journal slot of an owner covers
 * @param violations broken invariants, in words
 */
public record Audit(long heldChunks, long usedChunks, long explainedChunks, List<String> violations) {

    static Audit of(AuditReport report, long heldBytes) {
        return new Audit(
                heldBytes / RemoteMemory.CHUNK_BYTES,
                report.usedChunks(),
                report.explainedChunks(),
                report.violations());
    }

    /** Every chunk in use is held by somebody who knows it, and the other way round. */
    public boolean passed() {
        return violations.isEmpty() && usedChunks == heldChunks && usedChunks == explainedChunks;
    }
}
