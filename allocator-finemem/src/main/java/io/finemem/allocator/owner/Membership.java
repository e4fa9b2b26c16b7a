package io.finemem.allocator.owner;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeControl;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.data.HeapPorts;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OutOfRemoteMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory nodes of an owner, which may become more while it works. Each has an index for as long as the owner lives; one that
 * was lost and has come back is another one, since its memory is.
 *
 * <p>A node that joins is connected first and shown to the workers then; blocks are allocated there once all of them have a lane to
 * it, so that whoever frees a block has one.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    private final OwnerOpening opening;
    private final HeapPorts ports;
    private final Workers workers;
    private final Heart heart;
    private volatile List<NodeSession> nodes;
    private boolean closed;

    Membership(OwnerOpening opening, List<NodeSession> nodes, HeapPorts ports, Workers workers, Heart heart) {
        this.opening = opening;
        this.ports = ports;
        this.workers = workers;
        this.heart = heart;
        this.nodes = List.copyOf(nodes);
        nodes.forEach(this::begin);
    }

    /** All there ever were, by index. */
    List<NodeSession> nodes() {
        return nodes;
    }

    /** Those that no other session has replaced. */
    List<NodeSession> current() {
        return nodes.stream().filter(node -> !node.retired()).toList();
    }

    /** Adds the worker of asynchronous operations; nodes that join later are added to it as well. */
    synchronized Worker addPumpWorker() {
        Worker worker = opening.pumpWorker(nodes, workers.get(0));
        workers.addPumpWorker(worker);
        return worker;
    }

    /** See {@link Owner#join}. */
    synchronized void join(MemoryNodeControl control) {
        List<NodeSession> replaced = List.of();
        try {
            requireOpen();
            PoolDescription pool = control.describe();
            requireNew(pool.bootNonce());
            replaced = retire(pool.memoryNode());
            join(opening.attach(nodes.size(), control));
        } catch (RuntimeException e) {
            control.close();
            throw e;
        } finally {
            replaced.forEach(this::release);
        }
    }

    private void join(NodeSession node) {
        opening.storeTickets(with(node));
        List<Lane> lanes = opening.lanes(node, workers.all(), workers.lent());
        ports.add(opening.heap(node));
        Worker[] all = workers.all();
        for (int i = 0; i < all.length; i++) {
            all[i].addLane(lanes.get(i));
        }
        nodes = with(node);
        begin(node);
        LOG.info("memory node {} joined as number {}", node.pool().memoryNode(), node.index());
    }

    private List<NodeSession> with(NodeSession node) {
        List<NodeSession> more = new ArrayList<>(nodes);
        more.add(node);
        return List.copyOf(more);
    }

    private void begin(NodeSession node) {
        heart.add(node);
        node.setJoined();
    }

    private void requireNew(long bootNonce) {
        for (NodeSession node : nodes) {
            if (node.usable() && node.pool().bootNonce() == bootNonce) {
                throw new InvalidRequest(
                        "the memory node is in use already",
                        "memoryNode",
                        node.pool().memoryNode());
            }
        }
    }

    /** Earlier runs of a node, and earlier sessions with it, are over: nobody waits for them. */
    private List<NodeSession> retire(String name) {
        List<NodeSession> over = current().stream()
                .filter(node -> name.equals(node.pool().memoryNode()))
                .toList();
        for (NodeSession node : over) {
            node.lose(new MemoryNodeLost("memory node " + name + " has come back without what it held before"));
            node.setRetired();
        }
        return over;
    }

    /** Releases what a retired node has here. */
    private void release(NodeSession node) {
        node.control().close();
        ports.retire(node.index());
        for (int position = 0; position < workers.count(); position++) {
            if (workers.acquire(position, Long.MAX_VALUE)) {
                try {
                    workers.get(position).lane(node).close();
                } finally {
                    workers.release(position);
                }
            } else {
                LOG.warn(
                        "a connection to {} is released with its worker, which is busy",
                        node.pool().memoryNode());
            }
        }
    }

    /** Longest block in bytes: the largest pool; while there is none, the largest that there was, for it may come back. */
    long maxBlockBytes() {
        long most = 0;
        long past = 0;
        List<NodeSession> all = nodes;
        for (int i = 0; i < all.size(); i++) { // without an iterator: every allocation asks
            NodeSession node = all.get(i);
            long heap = node.layout().heapBytes();
            most = node.retired() ? most : Math.max(most, heap);
            past = Math.max(past, heap);
        }
        return most > 0 ? most : past;
    }

    /** Bytes of all pools. */
    long heapBytes() {
        long sum = 0;
        for (NodeSession node : nodes) {
            sum += node.retired() ? 0 : node.layout().heapBytes();
        }
        return sum;
    }

    /** Refuses a label that no node has; the empty one is none. */
    void checkLabel(String label) {
        if (label.isEmpty() || hasLabel(label)) {
            return;
        }
        SortedSet<String> known = new TreeSet<>();
        current().forEach(node -> known.addAll(node.pool().labels()));
        throw new InvalidRequest("no memory node has this label", "label", label, "labels", known);
    }

    /** Without garbage. */
    private boolean hasLabel(String label) {
        List<NodeSession> all = nodes;
        for (int i = 0; i < all.size(); i++) {
            NodeSession node = all.get(i);
            if (!node.retired() && node.labelled(label)) {
                return true;
            }
        }
        return false;
    }

    OutOfRemoteMemory noRoom(long bytes, String label) {
        List<NodeSession> all = current();
        long draining = all.stream().filter(NodeSession::draining).count();
        if (!label.isEmpty()) {
            return new OutOfRemoteMemory(
                    "no memory node with this label has a free run of this size", "bytes", bytes, "label", label);
        }
        if (draining > 0) {
            return new OutOfRemoteMemory(
                    "no memory node that is not draining has a free run of this size",
                    "bytes",
                    bytes,
                    "memoryNodes",
                    all.size(),
                    "draining",
                    draining);
        }
        return new OutOfRemoteMemory(
                "no memory node has a free run of this size", "bytes", bytes, "memoryNodes", all.size());
    }

    /** The sessions, by index. */
    List<NodeControl> controls() {
        return nodes.stream()
                .map(node -> new NodeControl(node.pool().memoryNode(), node.bootNonce(), node.control()))
                .toList();
    }

    /** See {@link Owner#nodes}. */
    List<NodeStatus> status() {
        return current().stream().map(NodeSession::status).toList();
    }

    private void requireOpen() {
        if (closed || workers.isShut()) {
            throw new MemoryClosed("the RemoteMemory was closed");
        }
    }

    /** No node joins any more. */
    synchronized void close() {
        closed = true;
    }

    /** Ends the sessions. */
    void closeControls() {
        for (NodeSession node : nodes) {
            try {
                node.control().close();
            } catch (FineMemException e) {
                LOG.warn(
                        "a session with {} did not end in order: {}",
                        node.pool().memoryNode(),
                        e.getMessage());
            }
        }
    }
}
