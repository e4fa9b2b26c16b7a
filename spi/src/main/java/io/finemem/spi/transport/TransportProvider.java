package io.finemem.spi.transport;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.provider.Provider;
import java.util.Set;

/**
 * Entry of a transport, found by {@link java.util.ServiceLoader} under this interface's name. Public class, public
 * constructor without arguments, no native code touched before {@link #availability} is called.
 *
 * <p>New methods come as {@code default} ones.
 */
public interface TransportProvider extends Provider {

    /** Version of this interface and of the package's rules. */
    int SPI_VERSION = 1;

    /** Unique name, lower case, as used in the configuration; never {@code auto}. */
    @Override
    String name();

    /** The higher one wins when the transport is chosen automatically. Real devices 100, software RDMA 50, one host 10. */
    int priority();

    /** The {@link #SPI_VERSION} that the provider was compiled against; others are refused at discovery. */
    @Override
    int spiVersion();

    /** One line for people: what it runs on. */
    String summary();

    /** Keys that {@link #open} understands. */
    Set<String> settingKeys();

    /** Probes whether it can work here; changes nothing on the machine and throws nothing. */
    Availability availability(TransportSettings settings);

    /**
     * Opens the device that the settings name, or the best one.
     *
     * @throws InvalidConfiguration if a setting is unknown, malformed, or names a device, port or GID that does not exist
     * @throws TransportUnavailable if there is no device, or no library
     * @throws OutOfLocalResources if a limit, such as locked memory, is too low; the text names the remedy
     */
    Transport open(TransportSettings settings);
}
