package io.finemem.allocator.memorynode;

/** Rkeys of the nodes of the buddy trees, by index. Used by one thread at a time. */
interface NodeKeys extends AutoCloseable {
    /** Prepares a node that has no rkey yet. */
    void make(int index);

    /** Called before some nodes get other rkeys. */
    default void prepare(int[] named, int count) {}

    /**
     * Ends the rkeys of some nodes and gives them others.
     *
     * @throws io.finemem.api.FineMemException if the device refused; may be tried again
     */
    void renew(int[] named, int first, int end);

    /** The rkey of a node of which it is {@link #certain}. */
    int rkey(int index);

    /** Whether there is such a node, and it is known which rkey it has. */
    boolean certain(int index);

    /** How often something was exchanged because its rkeys were used up. */
    long exchanged();

    /** Ends all rkeys. */
    @Override
    void close();
}
