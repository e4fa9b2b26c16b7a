package io.finemem.spi.transport;

import io.finemem.spi.settings.Settings;
import java.util.Map;

/**
 * The configuration of one transport: flat keys and texts, without the transport's own prefix. The composition root fills it
 * from {@code finemem.transport.<name>}.
 */
public final class TransportSettings extends Settings {
    private static final TransportSettings EMPTY = new TransportSettings("", Map.of());

    private TransportSettings(String prefix, Map<String, String> values) {
        super(prefix, values);
    }

    /** No settings: every key has its default. */
    public static TransportSettings empty() {
        return EMPTY;
    }

    /**
     * Settings from a map.
     *
     * @param prefix path that is put before a key in messages, such as {@code finemem.transport.shm}
     */
    public static TransportSettings of(String prefix, Map<String, String> values) {
        return new TransportSettings(prefix, values);
    }
}
