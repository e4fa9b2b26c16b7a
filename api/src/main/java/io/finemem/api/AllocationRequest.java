package io.finemem.api;

/**
 * A block that is wanted.
 *
 * @param bytes length, 1 up to {@link RemoteMemory#maxBlockBytes()}
 * @param label label that its memory node must have; empty for any memory node
 */
public record AllocationRequest(long bytes, String label) {

    /** A block of that length on any memory node. */
    public static AllocationRequest of(long bytes) {
        return new AllocationRequest(bytes, "");
    }

    /** The same on a memory node with that label. */
    public AllocationRequest withLabel(String wanted) {
        return new AllocationRequest(bytes, wanted);
    }
}
