package io.finemem.api;

import java.nio.ByteBuffer;

/**
 * A block of remote memory, held until it is closed.
 *
 * <p><b>Ordering and visibility.</b> A method returns when the memory node's network adapter has executed the operation: a
 * later operation of any client sees it. Two operations of one thread execute in program order. {@link #compareAndSwap}
 * and {@link #fetchAdd} are atomic to each other, also from different clients; they are atomic to {@link #write} only where
 * the transport says so.
 *
 * <p><b>Bounds.</b> Offset and length are checked against the block before anything is sent.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; a call that runs while another thread frees the block
 * either completes before the free or throws {@link InvalidRequest}.
 */
public interface RemoteBlock extends AutoCloseable {

    /** Where the block is and how it is reached; valid until the block is freed. */
    BlockHandle handle();

    /** Length in bytes: a power of two of chunks up to 2 MiB, whole sections above. */
    long length();

    /**
     * Copies {@code destination.remaining()} bytes from the block into {@code destination} and advances its position.
     *
     * @param offset first byte in the block, 0 or more
     * @throws InvalidRequest if the range leaves the block or the block was freed
     * @throws CapabilityRevoked if the memory node refused the block's rkey
     */
    void read(long offset, ByteBuffer destination);

    /**
     * Copies {@code source.remaining()} bytes of {@code source} into the block and advances its position.
     *
     * @param offset first byte in the block, 0 or more
     * @throws InvalidRequest if the range leaves the block or the block was freed
     * @throws CapabilityRevoked if the memory node refused the block's rkey
     */
    void write(long offset, ByteBuffer source);

    /**
     * Atomically sets the 64-bit word at {@code offset} to {@code update} if it equals {@code expected}.
     *
     * @param offset multiple of 8
     * @return the value before; the swap happened if and only if it equals {@code expected}
     */
    long compareAndSwap(long offset, long expected, long update);

    /**
     * Atomically adds to the 64-bit word at {@code offset}, wrapping around.
     *
     * @param offset multiple of 8
     * @return the value before
     */
    long fetchAdd(long offset, long addend);

    /** Frees the block. Calls after the first do nothing. */
    @Override
    void close();
}
