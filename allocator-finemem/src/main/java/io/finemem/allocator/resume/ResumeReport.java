package io.finemem.allocator.resume;

import java.util.List;

/**
 * What became of what a predecessor left. Every block that was named is in one of the two lists.
 *
 * @param nodes a line per memory node
 * @param blocks those that are held
 * @param lost those that are not
 */
public record ResumeReport(List<NodeResumption> nodes, List<ResumedBlock> blocks, List<LostBlock> lost) {
    /** Takes copies of the lists. */
    public ResumeReport {
        nodes = List.copyOf(nodes);
        blocks = List.copyOf(blocks);
        lost = List.copyOf(lost);
    }
}
