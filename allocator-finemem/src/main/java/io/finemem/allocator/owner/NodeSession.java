package io.finemem.allocator.owner;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.MemoryNodeLost;
import org.jspecify.annotations.Nullable;

/**
 * One memory node as this owner uses it: what its workers share.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class NodeSession {
    private final int index;
    private final MemoryNodeControl control;
    private final PoolDescription pool;
    private final OwnerGrant grant;
    private final MetadataLayout layout;
    private final PoolCache cache;
    private final SlotPool slots;
    private volatile @Nullable RuntimeException lost;

    NodeSession(int index, MemoryNodeControl control, PoolDescription pool, OwnerGrant grant, MetadataLayout layout) {
        this.index = index;
        this.control = control;
        this.pool = pool;
        this.grant = grant;
        this.layout = layout;
        this.cache = new PoolCache(layout);
        this.slots = new SlotPool(control, grant);
    }

    int index() {
        return index;
    }

    MemoryNodeControl control() {
        return control;
    }

    PoolDescription pool() {
        return pool;
    }

    int ownerId() {
        return grant.ownerId();
    }

    MetadataLayout layout() {
        return layout;
    }

    PoolCache cache() {
        return cache;
    }

    SlotPool slots() {
        return slots;
    }

    boolean usable() {
        return lost == null;
    }

    /** Nothing more is tried on this node: what was in flight is in doubt until the node has resolved it. */
    MemoryNodeLost lose(RuntimeException cause) {
        lost = cause;
        return failure(cause);
    }

    void requireUsable() {
        RuntimeException cause = lost;
        if (cause != null) {
            throw failure(cause);
        }
    }

    private MemoryNodeLost failure(RuntimeException cause) {
        return new MemoryNodeLost(
                cause,
                "the connection to memory node " + pool.memoryNode() + " was lost; its blocks cannot be used any more",
                "cause",
                cause.getMessage());
    }
}
