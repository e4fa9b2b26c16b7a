package io.finemem.spi.transport;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Holds what may be used together: an rkey opens memory only through connections of its own domain (rule R7).
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public interface ProtectionDomain extends AutoCloseable {

    /** The transport it belongs to. */
    Transport transport();

    /**
     * Allocates zeroed memory and registers it.
     *
     * @param bytes 1 up to {@link Capabilities#maxRegionBytes()}; more than 2 GiB is ordinary
     * @param access rights of peers; empty for memory that only this side's chains use
     * @throws OutOfLocalResources if memory, file space or locked memory does not suffice; the text names the limit
     */
    MemoryRegion allocate(long bytes, Set<Access> access);

    /**
     * Registers the bytes between position and limit of a direct buffer; the region keeps the buffer reachable.
     *
     * @param access rights of peers; must be empty unless {@link Capabilities#remoteRegistration()}
     * @throws InvalidRequest if the buffer is not direct, is empty, or the rights are not supported
     */
    MemoryRegion register(ByteBuffer buffer, Set<Access> access);

    /**
     * A new window, not bound.
     *
     * @throws OutOfLocalResources if the device has no more
     * @throws InvalidRequest if the transport has no windows
     */
    MemoryWindow newWindow();

    /**
     * A new end of a connection; all that the peer posts on it is checked against this domain.
     *
     * @throws OutOfLocalResources if the device has no more
     */
    Connection newConnection(ConnectionOptions options);

    /**
     * Releases the domain.
     *
     * @throws InvalidRequest if it still holds regions, windows or connections
     */
    @Override
    void close();
}
