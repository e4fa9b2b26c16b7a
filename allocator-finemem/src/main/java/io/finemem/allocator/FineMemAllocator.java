package io.finemem.allocator;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeControl;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.allocator.owner.Owner;
import io.finemem.allocator.owner.OwnerOpening;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.AllocationRequest;
import io.finemem.api.BufferPool;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remote memory whose allocation service runs in this process.
 *
 * <p>The process is an owner: it holds the metadata key and its own journal at every memory node, so it must be trusted by
 * the others that share the pool.
 */
public final class FineMemAllocator implements RemoteMemory {
    private final Owner owner;
    private final TransportDescription transport;

    private FineMemAllocator(Owner owner, TransportDescription transport) {
        this.owner = owner;
        this.transport = transport;
    }

    /**
     * Registers with memory nodes and connects to them.
     *
     * @param transport what carries the operations; not closed by this object, and to be closed after it
     * @param nodes a session with each memory node, not registered yet; closed with this object
     */
    public static FineMemAllocator open(Transport transport, List<MemoryNodeControl> nodes, AllocatorOptions options) {
        return new FineMemAllocator(OwnerOpening.open(transport, nodes, options), transport.description());
    }

    /**
     * As {@link #open}, and what is allocated outlives this process: a successor that is opened with the {@link #tickets} and the
     * identities of the blocks within a memory node's lease goes on with them. What became of the blocks of a predecessor is told by
     * {@link #resumed}; at a memory node that does not resume it, the owner is a new one.
     *
     * <p>What the predecessor's journal names beyond the recorded blocks is given back in the background.
     *
     * @param before what a predecessor left; {@link Resumption#NONE} if there was none
     * @param store stores the {@link #tickets} for a successor, where only the owner reads them: called before this method returns,
     *     and by {@link #join} before anything is allocated at the node that joins; if it throws, both fail
     * @throws io.finemem.api.InvalidRequest if two tickets are for one memory node, or two records cannot both be true; nothing was
     *     done then
     * @throws io.finemem.api.OperationTimeout if a connection of the predecessor does not come to rest; to be repeated
     */
    public static FineMemAllocator openResumable(
            Transport transport,
            List<MemoryNodeControl> nodes,
            AllocatorOptions options,
            Resumption before,
            Consumer<List<ResumeTicket>> store) {
        return new FineMemAllocator(
                OwnerOpening.openResumable(transport, nodes, options, before, store), transport.description());
    }

    /**
     * As {@link #openResumable(Transport, List, AllocatorOptions, Resumption, Consumer)}, for a caller who stores the {@link #tickets}
     * by itself before it hands out a block.
     */
    public static FineMemAllocator openResumable(
            Transport transport, List<MemoryNodeControl> nodes, AllocatorOptions options, Resumption before) {
        return openResumable(transport, nodes, options, before, tickets -> {});
    }

    /** What became of the blocks of a predecessor, as it was when this object was opened. */
    public ResumeReport resumed() {
        return owner.resumed();
    }

    /** What admits a successor, one per memory node; none after {@link #open}. Secrets. */
    public List<ResumeTicket> tickets() {
        return owner.tickets();
    }

    /**
     * Names a block for a successor. To be recorded before the block is handed out, and taken out of the records before its free is
     * begun: see {@link Resumption}. No remote operation.
     *
     * @throws io.finemem.api.InvalidRequest if the block is not of this object
     */
    public BlockIdentity identify(RemoteBlock block) {
        return owner.identify(block);
    }

    /**
     * {@link #identify(RemoteBlock)} without garbage.
     *
     * @throws io.finemem.api.InvalidRequest if the block is not of this object
     */
    public void identify(RemoteBlock block, BlockIdentity.Target target) {
        owner.identify(block, target);
    }

    /**
     * Ends without freeing anything: blocks go on for a successor, which has to be opened within the memory nodes' lease. Operations
     * under way are waited for as in {@link #close}; later calls of either do nothing.
     */
    public void suspend() {
        owner.suspend();
    }

    @Override
    public RemoteBlock allocate(long bytes) {
        return owner.allocate(bytes);
    }

    @Override
    public RemoteBlock allocate(AllocationRequest request) {
        return owner.allocate(request);
    }

    /**
     * Allocates on one more memory node from now on, while it works. If it is a node that was lost and has come back, the earlier one
     * is replaced: its blocks stay lost.
     *
     * @param node a session with it, not registered yet; closed with this object, or now if this fails
     * @throws io.finemem.api.InvalidRequest if this run of the memory node is in use already
     */
    public void join(MemoryNodeControl node) {
        owner.join(node);
    }

    /** Its memory nodes, as far as is known without asking; not those that have been replaced. */
    public List<NodeStatus> nodes() {
        return owner.nodes();
    }

    /**
     * Its sessions with all memory nodes that it ever had, those that were lost included, in the order in which they joined, which is
     * that of {@link io.finemem.allocator.data.HeldBlock#nodeIndex()}. They end with this object.
     */
    public List<NodeControl> controls() {
        return owner.controls();
    }

    @Override
    public ReusableBlock newReusableBlock() {
        return owner.newReusableBlock();
    }

    @Override
    public void allocateInto(ReusableBlock block, long bytes) {
        owner.allocateInto(block, bytes, "");
    }

    @Override
    public void allocateInto(ReusableBlock block, AllocationRequest request) {
        owner.allocateInto(block, request.bytes(), request.label());
    }

    @Override
    public void free(RemoteBlock block) {
        owner.free(block);
    }

    @Override
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        return owner.allocateAll(bytes, count);
    }

    @Override
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        owner.freeAll(blocks);
    }

    @Override
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        return owner.allocateAsync(bytes);
    }

    @Override
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        return owner.freeAsync(block);
    }

    @Override
    public long maxBlockBytes() {
        return owner.maxBlockBytes();
    }

    @Override
    public BufferPool buffers() {
        return owner.buffers();
    }

    @Override
    public MemoryStatistics statistics() {
        return owner.statistics();
    }

    /**
     * Tells a listener how long one blocking operation in {@link OperationListener#PERIOD} takes, from now on; it replaces an earlier
     * one.
     */
    public void observe(OperationListener listener) {
        owner.observe(listener);
    }

    /** Blocks allocated so far, of a {@link SizeClass}. */
    public long allocationsOf(int sizeClass) {
        return owner.allocationsOf(sizeClass);
    }

    /** Blocks freed so far by the application, of a {@link SizeClass}. */
    public long freesOf(int sizeClass) {
        return owner.freesOf(sizeClass);
    }

    /** What allocations cost on the fabric, openings of spans included. */
    public OperationCosts allocationCosts() {
        return owner.allocationCosts();
    }

    /** What frees cost on the fabric; closings of surplus empty spans are not in it. */
    public OperationCosts freeCosts() {
        return owner.freeCosts();
    }

    /** What carries the operations. */
    public TransportDescription transport() {
        return transport;
    }

    /** Walks over the metadata of every memory node; other owners may go on working meanwhile. */
    public List<AuditReport> audit() {
        return owner.audit();
    }

    @Override
    public String describe() {
        return transport.transport() + " on " + transport.device() + " (" + transport.detail() + "), memory nodes "
                + String.join(", ", owner.memoryNodes());
    }

    @Override
    public void close() {
        owner.close();
    }
}
