package io.finemem.allocator.data;

import io.finemem.api.FineMemException;

/**
 * Makes and ends data connections to one memory node.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public interface HeapConnector {

    /** Name of the memory node. */
    String memoryNode();

    /**
     * A new connection to the node's heap.
     *
     * @param elementsInFlight room for elements posted and not completed
     */
    HeapLink connect(int elementsInFlight);

    /**
     * Ends a connection on both sides: after the return nothing that was posted on it executes, and this side's end is
     * closed.
     *
     * @throws FineMemException if the node's end could not be fenced; then this side's end may still be open
     */
    void disconnect(HeapLink link);

    /**
     * The node is given up: a connection can be neither fenced nor replaced.
     *
     * @return what the operation that found it throws
     */
    FineMemException lose(RuntimeException cause);

    /**
     * Checked before every operation.
     *
     * @throws io.finemem.api.MemoryNodeLost after {@link #lose}
     * @throws io.finemem.api.OwnerFenced if the holder of the blocks was declared dead
     */
    void requireUsable();
}
