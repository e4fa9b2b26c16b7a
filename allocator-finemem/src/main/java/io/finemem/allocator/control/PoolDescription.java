package io.finemem.allocator.control;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The pool of one memory node as an owner sees it.
 *
 * @param memoryNode the node's configured name
 * @param bootNonce random number of this run of the memory node; handles of other runs are stale
 * @param isolation how blocks are guarded
 * @param sections length of the heap in sections of 2 MiB
 * @param metadataAddress address of the metadata region in the metadata domain
 * @param metadataRkey key of the metadata region; a secret of allocation services
 * @param heapAddress address of the heap region in the heap domain
 * @param labels what the node is said to be, for placement
 */
public record PoolDescription(
        String memoryNode,
        long bootNonce,
        Isolation isolation,
        int sections,
        long metadataAddress,
        int metadataRkey,
        long heapAddress,
        SortedSet<String> labels) {

    /** Takes a copy of the labels. */
    public PoolDescription {
        labels = Collections.unmodifiableSortedSet(new TreeSet<>(labels));
    }

    /** A pool without labels. */
    public PoolDescription(
            String memoryNode,
            long bootNonce,
            Isolation isolation,
            int sections,
            long metadataAddress,
            int metadataRkey,
            long heapAddress) {
        this(
                memoryNode,
                bootNonce,
                isolation,
                sections,
                metadataAddress,
                metadataRkey,
                heapAddress,
                Collections.emptySortedSet());
    }

    /** Text form without the key. */
    @Override
    public String toString() {
        return "pool{node=" + memoryNode + " boot=" + Long.toHexString(bootNonce) + " isolation=" + isolation
                + " sections=" + sections + "}";
    }
}
