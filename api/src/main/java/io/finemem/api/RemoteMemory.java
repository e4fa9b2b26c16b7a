package io.finemem.api;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one or more memory nodes, allocated in blocks of 4 KiB and more.
 *
 * <p>An allocation is decided by one-sided operations on the memory node's metadata; the memory node's CPU takes no part.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread at any time. Operations of one thread take effect in
 * program order; operations of different threads on the same bytes are ordered only by the application.
 *
 * <p><b>Blocking.</b> Every call ends within the configured operation timeout, with a result or a typed exception.
 */
public interface RemoteMemory extends AutoCloseable {

    /** Smallest unit of allocation in bytes; every block starts at a multiple of it. */
    int CHUNK_BYTES = 4096;

    /**
     * Allocates a block.
     *
     * @param bytes wanted length, 1 up to {@link #maxBlockBytes()}; rounded up to a whole power of two of chunks
     * @return a block of at least {@code bytes} bytes, aligned to its own length; its content is unspecified unless zeroing
     *     was configured
     * @throws InvalidRequest if {@code bytes} is out of range
     * @throws OutOfRemoteMemory if no memory node has a free run of that size; the pool is unchanged
     * @throws MemoryNodeLost if a memory node stopped answering; what was in doubt is settled by recovery
     * @throws OwnerFenced if this owner was declared dead; nothing of it may be used any more
     * @throws MemoryClosed after {@link #close()}
     */
    RemoteBlock allocate(long bytes);

    /**
     * As {@link #allocate(long)}, with wishes for the place.
     *
     * @throws InvalidRequest if no memory node has the label that is asked for, or this memory does not know labels
     * @throws OutOfRemoteMemory if no memory node that has the label has a free run of that size
     */
    default RemoteBlock allocate(AllocationRequest request) {
        if (!request.label().isEmpty()) {
            throw new InvalidRequest("this memory does not know labels", "label", request.label());
        }
        return allocate(request.bytes());
    }

    /** An object for one block after the other, without a block yet; costs nothing remotely. */
    ReusableBlock newReusableBlock();

    /**
     * Allocates a block as {@link #allocate(long)} does, into an object that the application has already: in the steady state
     * neither this call nor the free that follows creates garbage on the heap.
     *
     * @param block of this instance, holding no block; on an exception it holds none still
     * @throws InvalidRequest if {@code bytes} is out of range, {@code block} is not of this instance, or it holds a block
     * @throws FineMemException as {@link #allocate(long)}
     */
    void allocateInto(ReusableBlock block, long bytes);

    /**
     * As {@link #allocateInto(ReusableBlock, long)}, with wishes for the place; the request may be used again and again.
     *
     * @throws InvalidRequest if no memory node has the label that is asked for, or this memory does not know labels
     * @throws OutOfRemoteMemory if no memory node that has the label has a free run of that size
     */
    default void allocateInto(ReusableBlock block, AllocationRequest request) {
        if (!request.label().isEmpty()) {
            throw new InvalidRequest("this memory does not know labels", "label", request.label());
        }
        allocateInto(block, request.bytes());
    }

    /**
     * Returns a block to the pool; the same as {@link RemoteBlock#close()} but for the error on a second call.
     *
     * @param block a block of this instance that was not freed before
     * @throws InvalidRequest if the block is not of this instance or was freed already; the pool is unchanged
     */
    void free(RemoteBlock block);

    /**
     * Allocates several blocks of one length, all or none, with as few round trips as possible: one for up to 128 KiB of small
     * blocks, or up to 2 MiB of blocks of 128 KiB and more, where they find room side by side. Each is freed by itself.
     *
     * @param bytes wanted length of each, as for {@link #allocate}
     * @param count blocks, 0 or more
     * @return {@code count} blocks, in no particular order; an unmodifiable list
     * @throws InvalidRequest if {@code bytes} or {@code count} is out of range
     * @throws OutOfRemoteMemory if the memory nodes together have no room for all; none is held then
     * @throws FineMemException as {@link #allocate}; what was claimed before was given back, or recovery does it
     */
    List<RemoteBlock> allocateAll(long bytes, int count);

    /**
     * Returns several blocks to the pool with as few round trips as possible. Checks all of them before it frees any.
     *
     * @param blocks blocks of this instance that were not freed before, none of them twice
     * @throws InvalidRequest if one of them is not of this instance, was freed already or is named twice; the pool is unchanged
     * @throws MemoryNodeLost if a memory node stopped answering; blocks of other memory nodes are free then
     */
    void freeAll(Collection<? extends RemoteBlock> blocks);

    /**
     * Allocates a block without blocking the caller. Many allocations are under way at once on one connection, so one thread
     * gets more of them per second than with {@link #allocate}.
     *
     * <p><b>Completion.</b> By one thread of this instance, which runs what is attached without an executor. It must not wait
     * there for another stage of this instance, nor call {@link #close()}; while it is busy nothing asynchronous goes on, and
     * for longer than a lease it makes memory nodes take this owner for dead. Longer work belongs on an executor
     * ({@code thenApplyAsync}).
     *
     * <p><b>Order.</b> Operations begin in the order of the calls of one thread, and may complete in another.
     *
     * <p><b>Errors.</b> The call never throws; the stage ends with what {@link #allocate} throws. Calls do not block either:
     * when the bounded queue is full the stage ends at once with {@link OutOfLocalResources}, and nothing was begun; go on
     * when an earlier stage has completed. {@link #close()} lets what is under way complete, and ends what waits with
     * {@link MemoryClosed}. A block of a stage that was cancelled before is freed.
     *
     * @param bytes as for {@link #allocate}
     */
    CompletionStage<RemoteBlock> allocateAsync(long bytes);

    /**
     * Returns a block to the pool without blocking the caller; completion, order and errors as for {@link #allocateAsync}.
     * From the call on the block must not be used; operations on it that are under way are waited for. If the queue is full
     * the block is still held. A free that {@link #close()} overtakes ends with {@link MemoryClosed}, and the block is freed
     * by the close.
     *
     * @param block a block of this instance that was not freed before; otherwise the stage ends with {@link InvalidRequest}
     */
    CompletionStage<@Nullable Void> freeAsync(RemoteBlock block);

    /** Longest block in bytes that {@link #allocate} accepts. */
    long maxBlockBytes();

    /** Registered local memory for transfers without a copy. */
    BufferPool buffers();

    /** Counters of this instance since it was opened; a snapshot that is not atomic across its fields. */
    MemoryStatistics statistics();

    /** Which transport and device carry the operations, for logs and for people. */
    String describe();

    /** Frees all blocks of this instance and releases its connections. Calls after the first do nothing. */
    @Override
    void close();
}
