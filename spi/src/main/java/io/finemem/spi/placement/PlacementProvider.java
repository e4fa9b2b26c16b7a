package io.finemem.spi.placement;

import io.finemem.spi.provider.Provider;
import java.util.Set;

/**
 * Entry of a kind of placement, found by {@link java.util.ServiceLoader} under this interface's name. Public class, public
 * constructor without arguments.
 *
 * <p>New methods come as {@code default} ones.
 */
public interface PlacementProvider extends Provider {

    /** Version of this interface. */
    int SPI_VERSION = 1;

    /** Unique name, lower case, as used in the configuration. */
    @Override
    String name();

    /** The {@link #SPI_VERSION} that the provider was compiled against; others are refused at discovery. */
    @Override
    int spiVersion();

    /** One line for people. */
    String summary();

    /** Keys that {@link #open} understands, below {@code finemem.placement.<name>}. */
    Set<String> settingKeys();

    /**
     * Makes a policy.
     *
     * @throws io.finemem.api.InvalidConfiguration if a setting is malformed
     */
    PlacementPolicy open(PlacementSettings settings);
}
