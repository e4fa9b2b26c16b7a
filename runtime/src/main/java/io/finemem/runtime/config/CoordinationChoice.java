package io.finemem.runtime.config;

import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.StaticCoordinationProvider;
import java.util.Map;

/**
 * The directory as configured. Its text form shows no values.
 *
 * @param provider name of the provider
 * @param values the provider's flat settings
 */
public record CoordinationChoice(String provider, Map<String, String> values) {
    /** Section of the configuration. */
    static final String SECTION = FineMemConfig.ROOT + ".coordination";

    /** Takes a copy of the map. */
    public CoordinationChoice {
        values = Map.copyOf(values);
    }

    /** No directory: clients have a list of memory nodes. */
    public static CoordinationChoice list() {
        return new CoordinationChoice(StaticCoordinationProvider.NAME, Map.of());
    }

    /** Whether memory nodes are listed in the configuration, and not found in a directory. */
    public boolean listed() {
        return provider.equals(StaticCoordinationProvider.NAME);
    }

    /** The provider's settings. */
    public CoordinationSettings settings() {
        return CoordinationSettings.of(SECTION + "." + provider, values);
    }

    @Override
    public String toString() {
        return "coordination{" + provider + "}";
    }
}
