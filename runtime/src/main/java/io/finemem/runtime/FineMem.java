package io.finemem.runtime;

import com.typesafe.config.Config;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.api.AllocationRequest;
import io.finemem.api.BufferPool;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.transport.TransportDescription;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Remote memory, opened from a configuration; closing it closes everything that was opened for it.
 *
 * <pre>{@code
 * try (FineMem memory = FineMem.embedded();
 *         RemoteBlock block = memory.allocate(64 * 1024)) {
 *     block.write(0, ByteBuffer.wrap(bytes));
 * }
 * }</pre>
 *
 * <p>{@link #embedded()} needs nothing but this process; {@link #connect()} uses the memory nodes of the
 * configuration, in
 * other processes and on other machines, as an owner or through the allocation service of this machine
 * ({@code finemem.client.through}). The configuration is {@code application.conf} and system properties over
 * {@code reference.conf}, which describes every key.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class FineMem implements RemoteMemory {
    private final RemoteMemory memory;
    private final @Nullable FineMemAllocator owner;
    private final TransportDescription transport;
    private final Directory directory;
    private final OwnedResources resources;
    private final Object closing = new Object();

    /** Memory of which this process is the owner. */
    FineMem(FineMemAllocator owner, Directory directory, OwnedResources resources) {
        this.memory = owner;
        this.owner = owner;
        this.transport = owner.transport();
        this.directory = directory;
        this.resources = resources;
    }

    /** Memory that an allocation service owns. */
    FineMem(RemoteMemory memory, TransportDescription transport, Directory directory, OwnedResources resources) {
        this.memory = memory;
        this.owner = null;
        this.transport = transport;
        this.directory = directory;
        this.resources = resources;
    }

    /** Connects to the memory nodes of the configuration of this process; see {@link FineMemBuilder#connect()}. */
    public static FineMem connect() {
        return builder().connect();
    }

    /** Connects to the memory nodes of a configuration; see {@link FineMemBuilder#connect()}. */
    public static FineMem connect(Config config) {
        return builder().config(config).connect();
    }

    /** A memory node in this process, configured as this process is; see {@link FineMemBuilder#embedded()}. */
    public static FineMem embedded() {
        return builder().embedded();
    }

    /** A memory node in this process; see {@link FineMemBuilder#embedded()}. */
    public static FineMem embedded(Config config) {
        return builder().config(config).embedded();
    }

    /** For more than a configuration. */
    public static FineMemBuilder builder() {
        return new FineMemBuilder();
    }

    @Override
    public RemoteBlock allocate(long bytes) {
        return memory.allocate(bytes);
    }

    @Override
    public RemoteBlock allocate(AllocationRequest request) {
        return memory.allocate(request);
    }

    /** The memory nodes, as far as is known without asking; none through an allocation service, which has them. */
    public List<NodeStatus> nodes() {
        return owner == null ? List.of() : owner.nodes();
    }

    @Override
    public ReusableBlock newReusableBlock() {
        return memory.newReusableBlock();
    }

    @Override
    public void allocateInto(ReusableBlock block, long bytes) {
        memory.allocateInto(block, bytes);
    }

    @Override
    public void allocateInto(ReusableBlock block, AllocationRequest request) {
        memory.allocateInto(block, request);
    }

    @Override
    public void free(RemoteBlock block) {
        memory.free(block);
    }

    @Override
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        return memory.allocateAll(bytes, count);
    }

    @Override
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        memory.freeAll(blocks);
    }

    @Override
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        return memory.allocateAsync(bytes);
    }

    @Override
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        return memory.freeAsync(block);
    }

    @Override
    public long maxBlockBytes() {
        return memory.maxBlockBytes();
    }

    @Override
    public BufferPool buffers() {
        return memory.buffers();
    }

    @Override
    public MemoryStatistics statistics() {
        return memory.statistics();
    }

    /** What allocations cost on the fabric, openings of spans included; nothing through an allocation service, where it is the service's. */
    public OperationCosts allocationCosts() {
        return owner == null ? OperationCosts.NONE : owner.allocationCosts();
    }

    /** What frees cost on the fabric; nothing through an allocation service. */
    public OperationCosts freeCosts() {
        return owner == null ? OperationCosts.NONE : owner.freeCosts();
    }

    /** What carries the operations. */
    public TransportDescription transport() {
        return transport;
    }

    /**
     * The directory of the cluster: its members, their changes, barriers for experiments. With {@code
     * finemem.coordination.provider = static} it is the list of the configuration, and can do no more; embedded, and through an
     * allocation service, it is empty. Closed with this object.
     */
    public Coordination coordination() {
        return directory.coordination();
    }

    /** How often the directory was lost since the start. Nothing that is allocated is affected by that. */
    public long directoryOutages() {
        return directory.outages().count();
    }

    /**
     * Walks over the metadata of every memory node; other owners may go on working meanwhile.
     *
     * @throws InvalidRequest through an allocation service: its applications have no sight of metadata
     */
    public List<AuditReport> audit() {
        if (owner == null) {
            throw new InvalidRequest(
                    "an application of an allocation service cannot audit memory nodes; use finemem inspect");
        }
        return owner.audit();
    }

    /** Transport, device and memory nodes, in words. */
    @Override
    public String describe() {
        return memory.describe();
    }

    /** Frees all blocks, leaves the memory nodes, closes the transport and, if it is embedded, the memory node. */
    @Override
    public void close() {
        synchronized (closing) {
            resources.close();
        }
    }
}
