package io.finemem.allocator.control;

import java.util.SortedSet;

/**
 * A memory node as an owner knows it, without asking.
 *
 * @param memoryNode its name
 * @param bootNonce random number of its run
 * @param labels its labels
 * @param usable whether blocks there can be used; false once it was lost
 * @param draining whether it wants blocks to be allocated elsewhere
 * @param heapBytes bytes that it gives away
 * @param freeBytes bytes that were free when it told so last
 */
public record NodeStatus(
        String memoryNode,
        long bootNonce,
        SortedSet<String> labels,
        boolean usable,
        boolean draining,
        long heapBytes,
        long freeBytes) {}
