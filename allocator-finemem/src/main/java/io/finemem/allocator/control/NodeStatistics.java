package io.finemem.allocator.control;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How a memory node is doing, in few numbers; owners may go on working while they are read.
 *
 * @param memoryNode the node's configured name
 * @param bootNonce random number of this run of the memory node
 * @param state what it wants of owners
 * @param labels its configured labels
 * @param heapBytes bytes that can be allocated
 * @param usedBytes bytes in use; with isolation strict also those that were freed and whose keys are not dead yet
 * @param blocks blocks in use; while owners work, an upper estimate
 * @param owners owners registered now
 * @param sessions sessions of its control channel, tools included
 */
public record NodeStatistics(
        String memoryNode,
        long bootNonce,
        NodeState state,
        SortedSet<String> labels,
        long heapBytes,
        long usedBytes,
        long blocks,
        int owners,
        int sessions) {

    /** Takes a copy of the labels. */
    public NodeStatistics {
        labels = Collections.unmodifiableSortedSet(new TreeSet<>(labels));
    }

    /** Nothing is in use. */
    public boolean empty() {
        return usedBytes == 0;
    }
}
