package io.finemem.api;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * A block of remote memory, held until it is closed.
 *
 * <p><b>Ordering and visibility.</b> All memory operations are executed by the memory node's network adapter.
 *
 * <ul>
 *   <li>When a method returns, or a stage completes, the operation was executed: every operation that any client starts
 *       later sees it. There is no cache in between, on neither side.
 *   <li>Operations of one thread take effect in program order, since each waits for the one before. Asynchronous operations
 *       that are under way together are not ordered, neither to each other nor to those of other threads: wait for a stage
 *       before starting what depends on it.
 *   <li>An aligned 8-byte word is never torn. A longer read may be torn at any such boundary by a write that runs at the
 *       same time: each word is that from before or after, and a reader may see a later word of the write without an earlier
 *       one. So publish data with a word of its own: write the data, then write or swap the word; a reader that sees the
 *       word, and reads the data afterwards, sees the data.
 *   <li>{@link #compareAndSwap} and {@link #fetchAdd} are atomic to each other, also from different clients; they are atomic
 *       to {@link #write} only where the transport says so. Change a word either by atomics or by writes.
 * </ul>
 *
 * <p><b>Length of a transfer.</b> Any length up to the block's; {@link ScatterList} names more than 2 GiB of local memory.
 * What is longer than the network takes at once is cut into pieces, several of them under way at a time: a transfer as a whole
 * is not atomic, and one that fails may have been executed in part.
 *
 * <p><b>Errors.</b> Offset and length are checked against the block before anything is sent. An exception says what is known:
 * {@link InvalidRequest} before anything was sent; {@link CapabilityRevoked} if the rkey was refused; a lost connection or
 * {@link OperationTimeout} if it is unknown whether the operation was executed, and then it is not executed later. Connections
 * are replaced by the next operation; other blocks are not affected.
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
     * Reads into registered memory without a copy, with one doorbell.
     *
     * @param offset first byte in the block, 0 or more
     * @param position first byte in the buffer, 0 or more
     * @param length bytes, 0 or more
     * @throws InvalidRequest if a range leaves the block or the buffer, the block was freed, the buffer was closed or is of
     *     another {@link RemoteMemory}
     * @throws CapabilityRevoked if the memory node refused the block's rkey
     */
    void read(long offset, RegisteredBuffer destination, int position, int length);

    /**
     * Writes from registered memory without a copy, with one doorbell. Otherwise as {@link #read(long, RegisteredBuffer, int,
     * int)}.
     */
    void write(long offset, RegisteredBuffer source, int position, int length);

    /**
     * Reads {@link ScatterList#bytes()} bytes into the ranges of a list, without a copy; one doorbell for up to 32 ranges and
     * 64 MiB. Otherwise as {@link #read(long, RegisteredBuffer, int, int)}.
     */
    void read(long offset, ScatterList destinations);

    /**
     * Writes the ranges of a list, without a copy; one doorbell for up to 32 ranges and 64 MiB. Otherwise as {@link
     * #read(long, RegisteredBuffer, int, int)}.
     */
    void write(long offset, ScatterList sources);

    /**
     * Starts a read into registered memory and returns. The block is not freed and the buffer not reused before the read has
     * ended, even if they are closed meanwhile.
     *
     * @return completes when the bytes are in the buffer, or with the exception that {@link #read(long, RegisteredBuffer, int,
     *     int)} would throw, that of wrong arguments too; with {@link OutOfLocalResources} if too many transfers wait already.
     *     Stages that depend on it run in the threads of {@link java.util.concurrent.CompletableFuture}
     */
    CompletionStage<Void> readAsync(long offset, RegisteredBuffer destination, int position, int length);

    /** Starts a write from registered memory and returns; otherwise as {@link #readAsync(long, RegisteredBuffer, int, int)}. */
    CompletionStage<Void> writeAsync(long offset, RegisteredBuffer source, int position, int length);

    /** Starts a read into the ranges of a list; otherwise as {@link #readAsync(long, RegisteredBuffer, int, int)}. */
    CompletionStage<Void> readAsync(long offset, ScatterList destinations);

    /** Starts a write of the ranges of a list; otherwise as {@link #readAsync(long, RegisteredBuffer, int, int)}. */
    CompletionStage<Void> writeAsync(long offset, ScatterList sources);

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
