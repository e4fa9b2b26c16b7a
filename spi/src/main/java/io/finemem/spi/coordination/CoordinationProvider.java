package io.finemem.spi.coordination;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.provider.Provider;
import io.finemem.spi.transport.Availability;
import java.util.Set;

/**
 * Entry of a kind of directory, found by {@link java.util.ServiceLoader} under this interface's name. Public class,
 * public constructor without arguments.
 *
 * <p>New methods come as {@code default} ones.
 */
public interface CoordinationProvider extends Provider {

    /** Version of this interface and of the package's rules. */
    int SPI_VERSION = 1;

    /** Unique name, lower case, as used in the configuration. */
    @Override
    String name();

    /** The {@link #SPI_VERSION} that the provider was compiled against; others are refused at discovery. */
    @Override
    int spiVersion();

    /** One line for people: what it runs on. */
    String summary();

    /** Keys that {@link #open} understands. */
    Set<String> settingKeys();

    /** Those of {@link #settingKeys} whose values are secrets and must not be shown. */
    default Set<String> sensitiveKeys() {
        return Set.of();
    }

    /**
     * Checks the settings as {@link #open} does, without connecting to anything; files that they name are read.
     *
     * @throws InvalidConfiguration if a setting is unknown or malformed, or the directory would be open to everybody
     */
    default void check(CoordinationSettings settings) {
        settings.requireKnown(settingKeys());
    }

    /** Probes whether it can work here, within its time limit; changes nothing and throws nothing. */
    Availability availability(CoordinationSettings settings);

    /**
     * Connects to the directory.
     *
     * @throws InvalidConfiguration if a setting is unknown or malformed, or the directory would be open to everybody
     * @throws AuthenticationFailed if the directory refuses the user, the password or the rights
     * @throws CoordinationUnavailable if it cannot be reached within the time limit
     */
    Coordination open(CoordinationSettings settings);
}
