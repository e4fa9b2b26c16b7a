package io.finemem.spi.coordination;

import io.finemem.api.InvalidRequest;

/** This process's registration of a memory node. Closing it, in good order, makes the node {@code GONE}. */
public interface MemoryNodeRegistration extends Registration {

    /** The node as it was announced last. */
    MemoryNodeEntry entry();

    /**
     * Announces another state of the node.
     *
     * @return {@code PENDING} if the directory could not be told yet; it will be
     * @throws InvalidRequest if the node cannot go there from its present state; see {@link MemoryNodeState#mayBecome}
     * @throws io.finemem.api.MemoryClosed if the registration is {@code LOST} or {@code CLOSED}
     */
    Announcement update(MemoryNodeState state);
}
