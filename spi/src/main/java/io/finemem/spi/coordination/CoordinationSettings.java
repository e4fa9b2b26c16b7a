package io.finemem.spi.coordination;

import io.finemem.spi.settings.Settings;
import java.util.Map;

/**
 * The configuration of one kind of directory: flat keys and texts, without the provider's own prefix. The composition
 * root fills it from {@code finemem.coordination.<name>}.
 */
public final class CoordinationSettings extends Settings {

    private CoordinationSettings(String prefix, Map<String, String> values) {
        super(prefix, values);
    }

    /**
     * Settings from a map.
     *
     * @param prefix path that is put before a key in messages, such as {@code finemem.coordination.redis}
     */
    public static CoordinationSettings of(String prefix, Map<String, String> values) {
        return new CoordinationSettings(prefix, values);
    }
}
