package io.finemem.allocator.control;

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
 */
public record PoolDescription(
        String memoryNode,
        long bootNonce,
        Isolation isolation,
        int sections,
        long metadataAddress,
        int metadataRkey,
        long heapAddress) {

    /** Text form without the key. */
    @Override
    public String toString() {
        return "pool{node=" + memoryNode + " boot=" + Long.toHexString(bootNonce) + " isolation=" + isolation
                + " sections=" + sections + "}";
    }
}
