package io.finemem.allocator.control;

import java.util.List;

/**
 * What a walk over all metadata of a memory node found.
 *
 * @param memoryNode the node's configured name
 * @param sections sections in the pool
 * @param openSpans spans open for chunks
 * @param usedChunks chunks whose bit is set
 * @param explainedChunks used chunks that a journal slot of a registered owner covers
 * @param owners owners registered now
 * @param violations one line per broken invariant, empty if there is none
 */
public record AuditReport(
        String memoryNode,
        int sections,
        int openSpans,
        long usedChunks,
        long explainedChunks,
        int owners,
        List<String> violations) {

    /** Takes a copy of the list. */
    public AuditReport {
        violations = List.copyOf(violations);
    }

    /** Every invariant holds and every used chunk is explained. */
    public boolean clean() {
        return violations.isEmpty() && usedChunks == explainedChunks;
    }
}
