package io.finemem.runtime.config;

import io.finemem.spi.transport.TransportSettings;
import java.util.Map;

/**
 * The transport as configured.
 *
 * @param name a transport's name or {@code auto}
 * @param settings flat settings of each transport that has any, by its name
 */
public record TransportChoice(String name, Map<String, Map<String, String>> settings) {

    /** Takes a copy of the map. */
    public TransportChoice {
        settings = Map.copyOf(settings);
    }

    /** The settings of one transport. */
    public TransportSettings settingsOf(String transport) {
        return TransportSettings.of(
                FineMemConfig.ROOT + ".transport." + transport, settings.getOrDefault(transport, Map.of()));
    }

    /** The same settings, another choice. */
    public TransportChoice withName(String other) {
        return new TransportChoice(other, settings);
    }
}
