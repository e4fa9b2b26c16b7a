package io.finemem.allocator.owner;

import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OwnerFenced;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    private final Admission admission;
    private final MetadataLayout layout;
    private final PoolCache cache;
    private final SlotPool slots;
    private final Queue<Integer> doubts = new ConcurrentLinkedQueue<>();
    private volatile @Nullable RuntimeException lost;
    /** Every worker has a lane to it. */
    private volatile boolean joined;

    private volatile boolean draining;
    private volatile boolean retired;
    private volatile long freeBytes;
    private volatile int readings;

    NodeSession(
            int index, MemoryNodeControl control, PoolDescription pool, Admission admission, MetadataLayout layout) {
        this.index = index;
        this.control = control;
        this.pool = pool;
        this.admission = admission;
        this.layout = layout;
        this.cache = new PoolCache(layout);
        this.slots = new SlotPool(control, admission, layout);
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
        return admission.ownerId();
    }

    /** Tells this run of the memory node from others. */
    long bootNonce() {
        return pool.bootNonce();
    }

    /** Admits a successor; null if there can be none. */
    @Nullable
    ResumeTicket ticket() {
        ResumeToken token = admission.token();
        return token == null
                ? null
                : new ResumeTicket(
                        pool.memoryNode(), pool.bootNonce(), admission.ownerId(), admission.incarnation(), token);
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

    /** A slot whose chain was cut off: not to be used until the node has decided what happened. */
    void doubt(int slot) {
        doubts.add(slot);
    }

    /** Slots in doubt. */
    Queue<Integer> doubts() {
        return doubts;
    }

    int leaseMillis() {
        return admission.leaseMillis();
    }

    boolean usable() {
        return lost == null;
    }

    /** Whether blocks may be allocated there. */
    boolean accepts() {
        return joined && !draining && lost == null;
    }

    /** Whether the node wants blocks to be allocated elsewhere. */
    boolean draining() {
        return draining;
    }

    /** Every worker has a lane to it by now. */
    void setJoined() {
        joined = true;
    }

    /** It is lost, and another session has taken its place: nobody need hear of it any more. */
    boolean retired() {
        return retired;
    }

    void setRetired() {
        retired = true;
    }

    /** What the node told with a heartbeat, one thread at a time. */
    void heard(HeartbeatReply reply) {
        draining = reply.state() == NodeState.DRAINING;
        if (readings == 0 || freeBytes != reply.freeBytes()) {
            freeBytes = reply.freeBytes();
            readings++;
        }
    }

    /** Bytes that were free when the node told it last. */
    long freeBytes() {
        return freeBytes;
    }

    /** Counts how often {@link #freeBytes} changed. */
    int readings() {
        return readings;
    }

    boolean labelled(String label) {
        return pool.labels().contains(label);
    }

    /** Nothing more is tried on this node: what was in flight is in doubt until the node has resolved it. */
    FineMemException lose(RuntimeException cause) {
        if (lost == null) {
            lost = cause;
        }
        return failure(cause);
    }

    void requireUsable() {
        RuntimeException cause = lost;
        if (cause != null) {
            throw failure(cause);
        }
    }

    NodeStatus status() {
        return new NodeStatus(
                pool.memoryNode(), pool.bootNonce(), pool.labels(), usable(), draining, layout.heapBytes(), freeBytes);
    }

    private FineMemException failure(RuntimeException cause) {
        if (cause instanceof OwnerFenced) {
            return new OwnerFenced(
                    "this owner was declared dead by memory node " + pool.memoryNode()
                            + "; none of its blocks there may be used any more, rejoin under a new id",
                    "owner",
                    admission.ownerId());
        }
        return new MemoryNodeLost(
                cause,
                "the connection to memory node " + pool.memoryNode() + " was lost; its blocks cannot be used any more",
                "cause",
                cause.getMessage());
    }
}
