package io.finemem.spi.transport;

import io.finemem.api.InvalidRequest;
import java.nio.ByteBuffer;

/**
 * Memory of this process that a device may reach: registered in a protection domain, with an rkey if peers may use it.
 *
 * <p>The accessors are for this side's CPU. Offsets are bytes from the start of the region; a range that leaves the region
 * is an {@link InvalidRequest}, as is any use after {@link #close()}.
 *
 * <p><b>Thread-safety.</b> {@link #getWord} and {@link #putWord} are atomic and ordered; the others are plain copies.
 */
public interface MemoryRegion extends AutoCloseable {

    /** The domain it is registered in. */
    ProtectionDomain domain();

    /** Address of the first byte, as peers use it; aligned to 4 KiB if the transport allocated the memory. */
    long address();

    /** Bytes. */
    long length();

    /** Key that opens the whole region to peers, or 0 if it has no remote access right. */
    int rkey();

    /** Loads the aligned word at {@code offset}; later loads of this thread are not older (acquire). */
    long getWord(long offset);

    /** Stores the aligned word at {@code offset} untorn, after all earlier stores of this thread (release). */
    void putWord(long offset, long value);

    /** Copies from the region into the remaining bytes of {@code destination}. */
    void get(long offset, ByteBuffer destination);

    /** Copies the remaining bytes of {@code source} into the region. */
    void put(long offset, ByteBuffer source);

    /** Sets bytes to one value. */
    void fill(long offset, long length, byte value);

    /**
     * A view of a part of the region in native byte order; it must not be used after the region was closed.
     *
     * @param length bytes; the range may have to stay within one mapping of the transport, which holds 1 GiB or more
     */
    ByteBuffer slice(long offset, int length);

    /**
     * Ends remote access and releases the registration; the memory too if the transport allocated it.
     *
     * @throws InvalidRequest if windows are still bound to it
     */
    @Override
    void close();
}
