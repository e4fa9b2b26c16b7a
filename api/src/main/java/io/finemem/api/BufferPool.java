package io.finemem.api;

import java.nio.ByteBuffer;

/**
 * Registered local memory of one {@link RemoteMemory}, usable with the blocks of all its memory nodes and of no other
 * {@link RemoteMemory}. Its size is bounded by {@code finemem.client.buffer-memory}.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public interface BufferPool {

    /** Longest buffer of {@link #acquire} in bytes. */
    int MAX_POOLED_BYTES = 1 << 30;

    /**
     * Takes a buffer. Memory comes in powers of two of 4 KiB and is registered once, then reused; its content is
     * unspecified.
     *
     * @param bytes capacity, 1 to {@link #MAX_POOLED_BYTES}
     * @return to be closed after use
     * @throws InvalidRequest if {@code bytes} is out of range
     * @throws OutOfLocalResources if the pool's memory is in use, or the machine has no more that can be registered
     * @throws MemoryClosed after the {@link RemoteMemory} was closed
     */
    RegisteredBuffer acquire(int bytes);

    /**
     * Registers memory of the application, which costs a call to the device: for memory that is used often. Does not count
     * against the pool's bound. The buffer's position and limit are not changed.
     *
     * @param memory a direct, writable buffer; the bytes from its position to its limit are registered
     * @return to be closed when the memory is no longer used with remote memory; keeps {@code memory} reachable until then
     * @throws InvalidRequest if the buffer is not direct, read-only, or has no remaining bytes
     * @throws OutOfLocalResources if the machine does not allow more registered memory
     * @throws MemoryClosed after the {@link RemoteMemory} was closed
     */
    RegisteredBuffer register(ByteBuffer memory);
}
