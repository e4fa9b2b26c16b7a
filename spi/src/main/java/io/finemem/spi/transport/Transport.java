package io.finemem.spi.transport;

/**
 * One opened device that executes one-sided operations.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public interface Transport extends AutoCloseable {

    /** What really carries the operations. */
    TransportDescription description();

    /** What the device can do, as probed. */
    Capabilities capabilities();

    /** A new, empty protection domain. */
    ProtectionDomain newDomain();

    /** Closes everything that was made from it: connections, windows, regions, domains, the device. Later calls do nothing. */
    @Override
    void close();
}
