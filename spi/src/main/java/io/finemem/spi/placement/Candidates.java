package io.finemem.spi.placement;

/**
 * The memory nodes that an allocation may go to, by number; valid during the call that it is given to. A number stands for one node
 * as long as the allocator lives. Nodes that were lost keep theirs, and are not eligible.
 */
public interface Candidates {

    /** Numbers are below it; 1 or more. */
    int size();

    /**
     * Whether the node may be chosen: it serves, has the label that is asked for, and was not tried for this allocation yet.
     *
     * @param node 0 to {@code size() - 1}, as everywhere here
     */
    boolean eligible(int node);

    /** Its name. */
    String name(int node);

    /** Whether it has that label. */
    boolean labelled(int node, String label);

    /** Whether it has any label. */
    boolean labelled(int node);

    /** Bytes that it can give away, all in all. */
    long heapBytes(int node);

    /**
     * Bytes that are free there, as the node has told with its latest heartbeat, which is less than half a second ago on heaps up to
     * hundreds of GiB, less what the calling worker has claimed there since.
     */
    long freeBytes(int node);

    /** The label that is asked for; empty if none is. */
    String wantedLabel();
}
