package io.finemem.api;

import java.nio.ByteBuffer;

/**
 * Local memory that the network adapter reads and writes itself: what a {@link RemoteBlock} transfers from or to it is not
 * copied by the CPU, and leaves no garbage.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. The bytes are the application's to guard: while a
 * transfer from the buffer is under way they must not be changed, and while one into it is under way they are unspecified.
 */
public interface RegisteredBuffer extends AutoCloseable {

    /** Bytes. */
    int capacity();

    /**
     * The memory, as a direct buffer in native byte order with a position and limit of its own: from 0 to
     * {@link #capacity()}. It must not be used once this buffer was closed: the next holder of pooled memory would see it.
     *
     * @throws InvalidRequest after {@link #close()}
     */
    ByteBuffer bytes();

    /**
     * Gives the memory back to its pool, or ends its registration. Transfers under way go on; the memory is given back after
     * the last of them. Calls after the first do nothing.
     */
    @Override
    void close();
}
