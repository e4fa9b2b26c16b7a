package io.finemem.allocator.owner;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.OperationListener;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeControl;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.allocator.data.DataPath;
import io.finemem.allocator.data.HeapPorts;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.data.ReusableApplicationBlock;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.api.AllocationRequest;
import io.finemem.api.BufferPool;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.RemoteBlock;
import io.finemem.api.ReusableBlock;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
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

    /** Blocks that {@link #close} frees before it answers a settle request. */
    private static final int FREED_BETWEEN_ANSWERS = 512;

    private final Membership members;
    private final ProtectionDomain domain;
    private final Workers workers;
    private final AsyncPump pump;
    private final DataPath data;
    private final Heart heart;
    private final Allocations allocations;
    private final int runAhead;
    private final ResumeReport resumed;
    private final long resumedBlocks;
    private final long resumedBytes;

    Owner(
            OwnerOpening opening,
            List<NodeSession> nodes,
            ProtectionDomain domain,
            Worker[] workers,
            int asyncDepth,
            HeapPorts ports,
            AllocatorOptions options,
            Succession succession) {
        this.domain = domain;
        this.runAhead = options.runAhead();
        long timeoutNanos = options.operationTimeout().toNanos();
        this.workers = new Workers(workers, timeoutNanos);
        this.heart = new Heart(this.workers);
        this.members = new Membership(opening, nodes, ports, this.workers, heart);
        this.allocations = new Allocations(members, this.workers, runAhead, timeoutNanos);
        String name = nodes.get(0).pool().memoryNode() + "-" + nodes.get(0).ownerId();
        this.pump = new AsyncPump(
                name,
                this.workers,
                () -> new AsyncWorker(allocations, this::hand, members.addPumpWorker(), options, asyncDepth),
                options.async().queue());
        this.data = new DataPath(ports, options.data(), this::freeMarked);
        this.resumedBlocks = succession.heldBlocks();
        this.resumedBytes = succession.heldBytes();
        this.resumed = succession.report(data::hand);
    }

    /** See {@link io.finemem.api.RemoteMemory#allocate}. */
    public RemoteBlock allocate(long bytes) {
        return data.hand(allocations.allocate(bytes, "", null));
    }

    /** See {@link io.finemem.api.RemoteMemory#allocate(AllocationRequest)}. */
    public RemoteBlock allocate(AllocationRequest request) {
        return data.hand(allocations.allocate(request.bytes(), request.label(), null));
    }

    /** See {@link io.finemem.api.RemoteMemory#newReusableBlock}. */
    public ReusableBlock newReusableBlock() {
        NodeSession any = members.nodes().get(0);
        return data.newReusableBlock(() -> OwnedBlock.vacant(any));
    }

    /** See {@link io.finemem.api.RemoteMemory#allocateInto(ReusableBlock, AllocationRequest)}; the label may be empty. */
    public void allocateInto(ReusableBlock block, long bytes, String label) {
        ReusableApplicationBlock ours = data.requireReusable(block);
        OwnedBlock vacant = (OwnedBlock) ours.reserve();
        try {
            ours.holds(allocations.allocate(bytes, label, vacant));
        } finally {
            ours.release();
        }
    }

    /**
     * Allocates on one more memory node from now on. If it is a node that was lost and has come back, the earlier one is replaced: its
     * blocks stay lost.
     *
     * @param control a session with it, not registered yet; closed with the owner, or now if this fails
     * @throws io.finemem.api.InvalidRequest if this run of the memory node is in use already
     */
    public void join(MemoryNodeControl control) {
        members.join(control);
    }

    /** Its memory nodes, as far as is known without asking; not those that were replaced. */
    public List<NodeStatus> nodes() {
        return members.status();
    }

    /** See {@link io.finemem.api.RemoteMemory#allocateAll}. */
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        return allocations.allocateAll(bytes, count).stream().map(data::hand).toList();
    }

    /** See {@link io.finemem.api.RemoteMemory#buffers()}. */
    public BufferPool buffers() {
        return data.buffers();
    }

    /** Its sessions with all memory nodes that it ever had, in the order in which these joined. */
    public List<NodeControl> controls() {
        return members.controls();
    }

    private RemoteBlock hand(OwnedBlock block) {
        return data.hand(block);
    }

    /** See {@link io.finemem.api.RemoteMemory#allocateAsync}. */
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        try {
            allocations.checkLength(bytes);
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
        } else {
            data.released(block);
        }
        return request.stage();
    }

    /** What became of the blocks of a predecessor. */
    public ResumeReport resumed() {
        return resumed;
    }

    /** One per memory node where there can be a successor. */
    public List<ResumeTicket> tickets() {
        return Succession.tickets(members.nodes());
    }

    /** Names a block's holding for a successor. */
    public BlockIdentity identify(RemoteBlock block) {
        return ((OwnedBlock) data.require(block)).identity();
    }

    /** {@link #identify(RemoteBlock)} without garbage. */
    public void identify(RemoteBlock block, BlockIdentity.Target target) {
        ((OwnedBlock) data.require(block)).identify(target);
    }

    /** Longest block in bytes: the largest pool. */
    public long maxBlockBytes() {
        return allocations.maxBlockBytes();
    }

    /** See {@link io.finemem.api.RemoteMemory#free}. */
    public void free(RemoteBlock block) {
        data.free(block);
    }

    private void freeMarked(HeldBlock held) {
        OwnedBlock block = (OwnedBlock) held;
        if (workers.isShut()) {
            return; // close() frees every block that is still registered
        }
        int position = acquireToFree(block);
        try {
            Worker worker = workers.get(position);
            long begun = worker.probe().beginFree();
            if (runAhead == 0 || !worker.keep(block)) {
                worker.free(block);
            }
            worker.probe().freed(begun, block.length());
        } finally {
            workers.release(position);
        }
    }

    /** See {@link io.finemem.api.RemoteMemory#freeAll}. */
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        List<OwnedBlock> marked =
                data.takeBackAll(blocks).stream().map(OwnedBlock.class::cast).toList();
        if (workers.isShut() || marked.isEmpty()) {
            return; // close() frees every block that is still registered
        }
        int position;
        try {
            position = workers.acquire();
        } catch (FineMemException e) {
            marked.forEach(OwnedBlock::unmarkFreed);
            throw e;
        }
        try {
            freeAll(workers.get(position), marked);
            data.released(blocks);
        } finally {
            workers.release(position);
        }
    }

    private void freeAll(Worker worker, List<OwnedBlock> blocks) {
        FineMemException failure = null;
        for (NodeSession node : members.nodes()) {
            try {
                List<OwnedBlock> ofNode = Allocations.inOrder(blocks, node);
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

    /** A block whose free was not begun is still held, and can be freed later. */
    private int acquireToFree(OwnedBlock block) {
        try {
            return workers.acquire();
        } catch (FineMemException e) {
            block.unmarkFreed();
            throw e;
        }
    }

    /** See {@link io.finemem.allocator.FineMemAllocator#observe}. */
    public void observe(OperationListener listener) {
        workers.observe(listener);
    }

    /** Blocks allocated, of a {@link io.finemem.allocator.SizeClass}. */
    public long allocationsOf(int sizeClass) {
        return workers.allocationsOf(sizeClass);
    }

    /** Blocks freed, of a {@link io.finemem.allocator.SizeClass}. */
    public long freesOf(int sizeClass) {
        return workers.freesOf(sizeClass);
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
        OperationCosts claims = allocationCosts();
        OperationCosts frees = freeCosts();
        OperationCosts both = claims.plus(frees);
        long liveBytes = 0;
        long retries = 0;
        for (Worker worker : workers.all()) {
            liveBytes += worker.liveBytes();
            retries += worker.retries();
        }
        return new MemoryStatistics(
                claims.count(),
                frees.count(),
                allocations.failed(),
                resumedBlocks + claims.count() - frees.count(),
                resumedBytes + liveBytes,
                retries,
                both.doorbells(),
                both.roundTrips(),
                both.verbs(),
                data.leakedBlocks());
    }

    /** Walks over the metadata of every memory node. */
    public List<AuditReport> audit() {
        return members.current().stream().map(node -> node.control().audit()).toList();
    }

    /** Names of the memory nodes. */
    public List<String> memoryNodes() {
        return members.current().stream().map(node -> node.pool().memoryNode()).toList();
    }

    /** Frees all blocks, leaves the memory nodes and releases the connections. Later calls do nothing. */
    @Override
    public void close() {
        end(this::leave);
    }

    /** Releases the connections and leaves everything else to a successor. Later calls do nothing. */
    public void suspend() {
        end(node -> {});
    }

    private void end(Consumer<NodeSession> parting) {
        pump.close();
        if (!workers.shut()) {
            return;
        }
        members.close();
        data.shut();
        members.nodes().forEach(parting);
        heart.close();
        data.close();
        for (Worker worker : workers.all()) {
            worker.close();
        }
        members.closeControls();
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
            List<OwnedBlock> blocks = Allocations.inOrder(node.slots().blocks(), node);
            blocks.forEach(OwnedBlock::markFreed);
            for (int first = 0; first < blocks.size(); first += FREED_BETWEEN_ANSWERS) {
                worker.freeAll(node, blocks.subList(first, Math.min(first + FREED_BETWEEN_ANSWERS, blocks.size())));
                heart.answer();
            }
            worker.lane(node).awaitRevocations(TimeUnit.MILLISECONDS.toNanos(node.leaseMillis()));
            for (Worker each : workers.all()) {
                each.lane(node).closeEmptySpans();
            }
            heart.answer();
            new Settlement(node, workers).eraseAll(); // so that the node need not ask others whose units they name
            node.control().leave();
        } catch (FineMemException e) {
            // Not lost: the node takes a session that ends without leave() for a dead owner and reclaims what it held.
            LOG.warn("could not leave memory node {} in order: {}", node.pool().memoryNode(), e.getMessage());
        }
    }
}
