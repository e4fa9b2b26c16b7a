package io.finemem.api;

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
     * Returns a block to the pool; the same as {@link RemoteBlock#close()} but for the error on a second call.
     *
     * @param block a block of this instance that was not freed before
     * @throws InvalidRequest if the block is not of this instance or was freed already; the pool is unchanged
     */
    void free(RemoteBlock block);

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
