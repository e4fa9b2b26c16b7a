package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.data.HeapPorts;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
    private final AsyncPump pump;
    private final HeapPorts ports;
    private final DataPath data;
    private final Heart heart;
    private final long maxBlockBytes;

    Owner(
            List<NodeSession> nodes,
            ProtectionDomain domain,
            Worker[] workers,
            Supplier<Worker> pumpWorker,
            int asyncDepth,
            HeapPorts ports,
            AllocatorOptions options) {
        this.nodes = List.copyOf(nodes);
        this.domain = domain;
        this.maxBlockBytes = nodes.stream()
                .mapToLong(node -> node.layout().heapBytes())
                .max()
                .orElseThrow();
        this.workers = new Workers(workers, options.operationTimeout().toNanos());
        String name = nodes.get(0).pool().memoryNode() + "-" + nodes.get(0).ownerId();
        Supplier<AsyncWorker> opening = () -> {
            Worker worker = pumpWorker.get();
            this.workers.addPumpWorker(worker);
            return new AsyncWorker(this, worker, options, asyncDepth);
        };
        this.pump = new AsyncPump(name, this.workers, opening, options.asyncQueue());
        this.ports = ports;
        this.data = new DataPath(ports, this::freeMarked);
        this.heart = new Heart(nodes, this.workers);
    }

    /** See {@link io.finemem.api.RemoteMemory#allocate}. */
    public RemoteBlock allocate(long bytes) {
        checkLength(bytes);
        int position = workers.acquire();
        try {
            return data.hand(allocateWith(workers.get(position), bytes));
        } finally {
            workers.release(position);
        }
    }

    private void checkLength(long bytes) {
        if (bytes < 1 || bytes > maxBlockBytes) {
            throw new InvalidRequest("a block must have 1 to " + maxBlockBytes + " bytes", "bytes", bytes);
        }
    }

    /** Allocates by searching in step; the caller holds the worker. */
    OwnedBlock allocateWith(Worker worker, long bytes) {
        Lane lane = worker.allocate(bytes);
        if (lane == null) {
            throw new OutOfRemoteMemory(
                    "no memory node has a free run of this size", "bytes", bytes, "memoryNodes", nodes.size());
        }
        return register(worker, lane.node(), worker.placement());
    }

    /** Makes the block that was claimed with a worker. */
    OwnedBlock register(Worker worker, NodeSession node, Placement placement) {
        OwnedBlock block = new OwnedBlock(node, placement);
        node.slots().setBlock(block.slot(), block);
        worker.countBytes(block.length());
        return block;
    }

    /** What the application gets for a block. */
    RemoteBlock hand(OwnedBlock block) {
        return data.hand(block);
    }

    /** See {@link io.finemem.api.RemoteMemory#allocateAsync}. */
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        try {
            checkLength(bytes);
        } catch (InvalidRequest e) {
            return CompletableFuture.failedFuture(e);
        }
        AsyncRequest.Allocation request = new AsyncRequest.Allocation(bytes);
        pump.offer(request);
        return request.stage();
    }

    /** See {@link io.finemem.api.RemoteMemory#freeAsync}. */
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        OwnedBlock owned;
        try {
            owned = (OwnedBlock) data.takeBackLater(block);
        } catch (InvalidRequest e) {
            return CompletableFuture.failedFuture(e);
        }
        AsyncRequest.Release request = new AsyncRequest.Release(owned);
        if (!pump.offer(request) && !workers.isShut()) {
            owned.unmarkFreed(); // still held: it can be freed later
        }
        return request.stage();
    }

    /** Longest block in bytes: the largest pool. */
    public long maxBlockBytes() {
        return maxBlockBytes;
    }

    /** See {@link io.finemem.api.RemoteMemory#free}. */
    public void free(RemoteBlock block) {
        freeMarked(data.takeBack(block));
    }

    private void freeMarked(HeldBlock held) {
        OwnedBlock block = (OwnedBlock) held;
        if (workers.isShut()) {
            return; // close() frees every block that is still registered
        }
        int position = acquireToFree(block);
        try {
            workers.get(position).free(block);
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
        long failed = 0;
        long liveBytes = 0;
        long retries = 0;
        for (Worker worker : workers.all()) {
            failed += worker.failedAllocations();
            liveBytes += worker.liveBytes();
            retries += worker.retries();
        }
        return new MemoryStatistics(
                allocations.count(),
                frees.count(),
                failed,
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
        pump.close();
        if (!workers.shut()) {
            return;
        }
        ports.shut();
        for (NodeSession node : nodes) {
            leave(node);
        }
        heart.close();
        ports.close();
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
            for (OwnedBlock block : node.slots().blocks()) {
                block.markFreed();
                worker.free(block);
            }
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
