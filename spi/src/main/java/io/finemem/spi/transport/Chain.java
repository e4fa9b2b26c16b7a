package io.finemem.spi.transport;

import io.finemem.api.InvalidRequest;
import java.util.Set;

/**
 * Work requests that are posted with one doorbell and executed in order (rules R1, R2, R5, R6 of the package).
 *
 * <p>A chain belongs to the connection that made it, is filled, submitted, completed, {@linkplain #clear() cleared} and
 * filled again; none of this creates garbage. Elements are numbered from 0 in the order in which they were added; the
 * methods that add one return its number.
 *
 * <p>Remote addresses are 64-bit and may be any; the responder checks them against the rkey. Local ranges and the alignment
 * of words are checked here, with {@link InvalidRequest}, and leave the chain as it was.
 *
 * <p><b>Thread-safety.</b> None: a chain is used by the thread that uses its connection.
 */
public interface Chain extends AutoCloseable {

    /** How many elements fit. */
    int capacity();

    /** How many elements there are. */
    int size();

    /**
     * Removes all elements; the chain can be filled again.
     *
     * @return this
     * @throws InvalidRequest if the chain is in flight
     */
    Chain clear();

    /**
     * READ: copies remote bytes to a local region. A transfer is torn at any 8-byte boundary if others write meanwhile.
     *
     * @param local region of the connection's domain
     * @param length bytes, 1 up to {@link Capabilities#maxTransferBytes()}
     */
    int read(long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length);

    /**
     * WRITE: copies local bytes to remote memory. The local bytes must not change before completion.
     *
     * @param local region of the connection's domain
     * @param length bytes, 1 up to {@link Capabilities#maxTransferBytes()}
     */
    int write(long remoteAddress, int rkey, MemoryRegion local, long localOffset, long length);

    /** READ of the aligned 64-bit word at {@code remoteAddress}; its value is {@link #word} of the element. */
    int readWord(long remoteAddress, int rkey);

    /** WRITE of {@code value} to the aligned 64-bit word at {@code remoteAddress}; the value is taken now. */
    int writeWord(long remoteAddress, int rkey, long value);

    /** CAS of the aligned 64-bit word at {@code remoteAddress}; the value before is {@link #word} of the element. */
    int compareAndSwap(long remoteAddress, int rkey, long expected, long update);

    /** FETCH_ADD on the aligned 64-bit word at {@code remoteAddress}, wrapping; the value before is {@link #word}. */
    int fetchAdd(long remoteAddress, int rkey, long addend);

    /**
     * Binds a window of this side to a range of a region of this side; {@link MemoryWindow#rkey()} has the new rkey once the
     * chain was submitted, and peers may use it once the chain has completed. May cost the transport a doorbell of its own.
     *
     * @param region region of the window's domain that allows {@link Access#WINDOW_BIND}
     * @param access what holders of the rkey may do; must not hold {@link Access#WINDOW_BIND}
     */
    int bind(MemoryWindow window, MemoryRegion region, long offset, long length, Set<Access> access);

    /** Ends the window's rkey without giving it a new range. May cost the transport a doorbell of its own. */
    int invalidate(MemoryWindow window);

    /**
     * Result of a word element: the value read, or the value before an atomic.
     *
     * @throws InvalidRequest if the chain did not end with {@code SUCCESS} or the element has no word
     */
    long word(int element);

    /** Where the chain stands; advanced only by {@link Connection#poll()} and {@link Connection#execute}. */
    CompletionStatus status();

    /** Number of the element that the device blamed for an error, or -1 if there was none or it did not say. */
    int failedElement();

    /** The connection that made the chain. */
    Connection connection();

    /** Releases the native memory of the chain; closing the connection does it too. */
    @Override
    void close();
}
