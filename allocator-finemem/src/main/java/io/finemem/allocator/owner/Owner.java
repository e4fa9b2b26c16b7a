package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.layout.Geometry;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An owner: the allocation service of one process, registered with its memory nodes.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class Owner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Owner.class);

    private final List<NodeSession> nodes;
    private final ProtectionDomain domain;
    private final Workers workers;
    private final Heart heart;
    private final long maxBlockBytes;
    private final long heapBytes;
    private final int runAhead;
    private final long timeoutNanos;
    private final LongAdder failedAllocations = new LongAdder();

    Owner(List<NodeSession> nodes, ProtectionDomain domain, Worker[] workers, AllocatorOptions options) {
        this.nodes = List.copyOf(nodes);
        this.domain = domain;
        this.maxBlockBytes = nodes.stream()
                .mapToLong(node -> node.layout().heapBytes())
                .max()
                .orElseThrow();
        this.heapBytes =
                nodes.stream().mapToLong(node -> node.layout().heapBytes()).sum();
        this.runAhead = options.runAhead();
        this.timeoutNanos = options.operationTimeout().toNanos();
        this.workers = new Workers(workers, timeoutNanos);
        this.heart = new Heart(nodes, this.workers);
    }

    /** See {@link io.finemem.api.RemoteMemory#allocate}. */
    public RemoteBlock allocate(long bytes) {
        checkLength(bytes);
        try {
            return allocateWithStashes(bytes);
        } catch (FineMemException e) {
            failedAllocations.increment();
            throw e;
        }
    }

    private OwnedBlock allocateWithStashes(long bytes) {
        try {
            return allocateOne(bytes);
        } catch (OutOfRemoteMemory | OutOfLocalResources e) {
            if (!giveBackStashes()) {
                throw e;
            }
            return allocateOne(bytes);
        }
    }

    /** Nothing is held for later while an allocation finds no room; whether something was held. */
    private boolean giveBackStashes() {
        boolean held = false;
        long deadline = System.nanoTime() + timeoutNanos;
        for (int position = 0; position < workers.count() && runAhead > 0; position++) {
            if (workers.acquire(position, deadline - System.nanoTime())) {
                try {
                    for (NodeSession node : nodes) {
                        held |= node.usable() && workers.get(position).giveBackStash(node);
                    }
                } finally {
                    workers.release(position);
                }
            }
        }
        return held;
    }

    private OwnedBlock allocateOne(long bytes) {
        int position = workers.acquire();
        try {
            Worker worker = workers.get(position);
            OwnedBlock stashed = runAhead == 0 ? null : worker.takeStashed(bytes);
            OwnedBlock block = stashed == null ? allocate(worker, bytes) : stashed;
            worker.countAllocation(block.length());
            return block;
        } finally {
            workers.release(position);
        }
    }

    private void checkLength(long bytes) {
        if (bytes < 1 || bytes > maxBlockBytes) {
            throw new InvalidRequest("a block must have 1 to " + maxBlockBytes + " bytes", "bytes", bytes);
        }
    }

    private OwnedBlock allocate(Worker worker, long bytes) {
        int order = Geometry.orderOf(bytes);
        Lane lane = worker.allocate(bytes, order < Geometry.SPAN_ORDER ? Math.max(1, runAhead) : 1, 1);
        if (lane == null) {
            throw noRoom(bytes);
        }
        Claims claims = worker.claims();
        for (int i = 1; i < claims.size(); i++) {
            lane.stash().put(order, register(lane.node(), claims.get(i)));
        }
        return register(lane.node(), claims.get(0));
    }

    private OutOfRemoteMemory noRoom(long bytes) {
        return new OutOfRemoteMemory(
                "no memory node has a free run of this size", "bytes", bytes, "memoryNodes", nodes.size());
    }

    private OwnedBlock register(NodeSession node, Placement placement) {
        OwnedBlock block = new OwnedBlock(this, node, placement);
        node.slots().setBlock(block.slot(), block);
        return block;
    }

    /** See {@link io.finemem.api.RemoteMemory#allocateAll}. */
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        checkLength(bytes);
        if (count < 0) {
            throw new InvalidRequest("the number of blocks must be 0 or more", "count", count);
        }
        try {
            return allocateManyWithStashes(bytes, count);
        } catch (FineMemException e) {
            failedAllocations.increment();
            throw e;
        }
    }

    private List<RemoteBlock> allocateManyWithStashes(long bytes, int count) {
        try {
            return allocateMany(bytes, count);
        } catch (OutOfRemoteMemory | OutOfLocalResources e) {
            if (!giveBackStashes()) {
                throw e;
            }
            return allocateMany(bytes, count);
        }
    }

    private List<RemoteBlock> allocateMany(long bytes, int count) {
        int position = workers.acquire();
        try {
            Worker worker = workers.get(position);
            List<OwnedBlock> blocks = allocateAll(worker, bytes, count);
            blocks.forEach(block -> worker.countAllocation(block.length()));
            return List.copyOf(blocks);
        } finally {
            workers.release(position);
        }
    }

    private List<OwnedBlock> allocateAll(Worker worker, long bytes, int count) {
        List<OwnedBlock> blocks = new ArrayList<>();
        try {
            if (count > heapBytes / bytes) {
                throw noRoom(bytes);
            }
            while (blocks.size() < count) {
                int missing = count - blocks.size();
                Lane lane = worker.allocate(bytes, missing, missing);
                if (lane == null) {
                    throw noRoom(bytes);
                }
                for (int i = 0; i < worker.claims().size(); i++) {
                    blocks.add(register(lane.node(), worker.claims().get(i)));
                }
            }
            blocks.forEach(block -> block.node().requireUsable());
            return blocks;
        } catch (FineMemException e) {
            giveBack(worker, blocks, e);
            throw e;
        }
    }

    /** Blocks of a node that fails now are left to its recovery. */
    private void giveBack(Worker worker, List<OwnedBlock> blocks, FineMemException cause) {
        blocks.forEach(OwnedBlock::markFreed);
        for (NodeSession node : nodes) {
            try {
                List<OwnedBlock> ofNode = inOrder(blocks, node);
                if (!ofNode.isEmpty()) {
                    worker.giveBack(node, ofNode);
                }
            } catch (FineMemException e) {
                cause.addSuppressed(e);
            }
        }
    }

    private static List<OwnedBlock> inOrder(List<OwnedBlock> blocks, NodeSession node) {
        return blocks.stream()
                .filter(block -> block.node() == node)
                .sorted(Comparator.comparingLong(OwnedBlock::address))
                .toList();
    }

    /** See {@link io.finemem.api.RemoteMemory#freeAll}. */
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        List<OwnedBlock> marked = new ArrayList<>(blocks.size());
        int position;
        try {
            for (RemoteBlock block : blocks) {
                marked.add(takeBack(block));
            }
            if (workers.isShut() || marked.isEmpty()) {
                return; // close() frees every block that is still registered
            }
            position = workers.acquire();
        } catch (FineMemException e) {
            marked.forEach(OwnedBlock::unmarkFreed);
            throw e;
        }
        try {
            freeAll(workers.get(position), marked);
        } finally {
            workers.release(position);
        }
    }

    private void freeAll(Worker worker, List<OwnedBlock> blocks) {
        FineMemException failure = null;
        for (NodeSession node : nodes) {
            try {
                List<OwnedBlock> ofNode = inOrder(blocks, node);
                if (!ofNode.isEmpty()) {
                    worker.freeAll(node, ofNode);
                }
            } catch (FineMemException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Longest block in bytes: the largest pool. */
    public long maxBlockBytes() {
        return maxBlockBytes;
    }

    /** See {@link io.finemem.api.RemoteMemory#free}. */
    public void free(RemoteBlock block) {
        freeMarked(takeBack(block));
    }

    /** The block, marked as freed. */
    private OwnedBlock takeBack(RemoteBlock block) {
        if (!(block instanceof OwnedBlock owned) || owned.owner() != this) {
            throw new InvalidRequest("the block is not of this RemoteMemory", "block", block);
        }
        if (!owned.markFreed()) {
            throw new InvalidRequest("the block was freed already", "block", block);
        }
        return owned;
    }

    void freeMarked(OwnedBlock block) {
        if (workers.isShut()) {
            return; // close() frees every block that is still registered
        }
        int position = acquireToFree(block);
        try {
            Worker worker = workers.get(position);
            if (runAhead == 0 || !worker.keep(block)) {
                worker.free(block);
            }
        } finally {
            workers.release(position);
        }
    }

    /** A block whose free was not begun is still held, and can be freed later. */
    private int acquireToFree(OwnedBlock block) {
        try {
            return workers.acquire();
        } catch (FineMemException e) {
            block.unmarkFreed();
            throw e;
        }
    }

    void read(OwnedBlock block, long offset, ByteBuffer destination) {
        int position = workers.acquire();
        try {
            port(position, block).read(block, offset, destination);
        } finally {
            workers.release(position);
        }
    }

    void write(OwnedBlock block, long offset, ByteBuffer source) {
        int position = workers.acquire();
        try {
            port(position, block).write(block, offset, source);
        } finally {
            workers.release(position);
        }
    }

    long compareAndSwap(OwnedBlock block, long offset, long expected, long update) {
        int position = workers.acquire();
        try {
            return port(position, block).compareAndSwap(block, offset, expected, update);
        } finally {
            workers.release(position);
        }
    }

    long fetchAdd(OwnedBlock block, long offset, long addend) {
        int position = workers.acquire();
        try {
            return port(position, block).fetchAdd(block, offset, addend);
        } finally {
            workers.release(position);
        }
    }

    private HeapPort port(int position, OwnedBlock block) {
        block.node().requireUsable();
        return workers.get(position).lane(block.node()).heap();
    }

    /** What allocations cost, openings of spans included. */
    public OperationCosts allocationCosts() {
        return sum(Worker::allocationCosts);
    }

    /** What frees cost; closings of surplus empty spans are not in it. */
    public OperationCosts freeCosts() {
        return sum(Worker::freeCosts);
    }

    private OperationCosts sum(Function<Worker, OperationCosts> kind) {
        OperationCosts sum = OperationCosts.NONE;
        for (Worker worker : workers.all()) {
            sum = sum.plus(kind.apply(worker));
        }
        return sum;
    }

    /** See {@link io.finemem.api.RemoteMemory#statistics}. */
    public MemoryStatistics statistics() {
        OperationCosts allocations = allocationCosts();
        OperationCosts frees = freeCosts();
        OperationCosts both = allocations.plus(frees);
        long liveBytes = 0;
        long retries = 0;
        for (Worker worker : workers.all()) {
            liveBytes += worker.liveBytes();
            retries += worker.retries();
        }
        return new MemoryStatistics(
                allocations.count(),
                frees.count(),
                failedAllocations.sum(),
                allocations.count() - frees.count(),
                liveBytes,
                retries,
                both.doorbells(),
                both.roundTrips(),
                both.verbs());
    }

    /** Walks over the metadata of every memory node. */
    public List<AuditReport> audit() {
        return nodes.stream().map(node -> node.control().audit()).toList();
    }

    /** Names of the memory nodes. */
    public List<String> memoryNodes() {
        return nodes.stream().map(node -> node.pool().memoryNode()).toList();
    }

    /** Frees all blocks, leaves the memory nodes and releases the connections. Later calls do nothing. */
    @Override
    public void close() {
        if (!workers.shut()) {
            return;
        }
        for (NodeSession node : nodes) {
            leave(node);
        }
        heart.close();
        for (Worker worker : workers.all()) {
            worker.close();
        }
        for (NodeSession node : nodes) {
            node.control().close();
        }
        domain.close();
    }

    private void leave(NodeSession node) {
        if (!node.usable()) {
            return;
        }
        Worker worker = workers.get(0);
        try {
            for (Worker each : workers.all()) {
                each.giveBackStash(node);
            }
            List<OwnedBlock> blocks = inOrder(node.slots().blocks(), node);
            blocks.forEach(OwnedBlock::markFreed);
            worker.freeAll(node, blocks);
            worker.lane(node).awaitRevocations(TimeUnit.MILLISECONDS.toNanos(node.leaseMillis()));
            for (Worker each : workers.all()) {
                each.lane(node).closeEmptySpans();
            }
            new Settlement(node, workers).eraseAll(); // so that the node need not ask others whose units they name
            node.control().leave();
        } catch (FineMemException e) {
            // Not lost: the node takes a session that ends without leave() for a dead owner and reclaims what it held.
            LOG.warn("could not leave memory node {} in order: {}", node.pool().memoryNode(), e.getMessage());
        }
    }
}
