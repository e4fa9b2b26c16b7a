package io.finemem.spi.placement;

import io.finemem.spi.settings.Settings;
import java.util.Map;

/**
 * The configuration of one kind of placement: flat keys and texts, without the provider's own prefix. The composition root fills
 * it from {@code finemem.placement.<name>}.
 */
public final class PlacementSettings extends Settings {

    private PlacementSettings(String prefix, Map<String, String> values) {
        super(prefix, values);
    }

    /**
     * Settings from a map.
     *
     * @param prefix path that is put before a key in messages, such as {@code finemem.placement.label}
     */
    public static PlacementSettings of(String prefix, Map<String, String> values) {
        return new PlacementSettings(prefix, values);
    }
}
