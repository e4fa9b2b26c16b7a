package io.finemem.spi.coordination;

import java.util.Optional;

/** One difference between two {@linkplain ClusterView views}. */
public sealed interface ClusterEvent {

    /**
     * A memory node appeared, changed or was forgotten.
     *
     * @param name the memory node's name
     * @param before its entry in the older view
     * @param after its entry in the newer view; empty once a node that is gone was forgotten
     */
    record MemoryNodeChanged(String name, Optional<MemoryNodeEntry> before, Optional<MemoryNodeEntry> after)
            implements ClusterEvent {}

    /**
     * An owner appeared, changed or was forgotten.
     *
     * @param owner who
     * @param before its state in the older view
     * @param after its state in the newer view; empty once an owner that had ended was forgotten
     */
    record OwnerChanged(OwnerIdentity owner, Optional<OwnerState> before, Optional<OwnerState> after)
            implements ClusterEvent {}
}
