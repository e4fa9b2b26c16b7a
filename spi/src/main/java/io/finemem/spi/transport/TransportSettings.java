package io.finemem.spi.transport;

import io.finemem.api.InvalidConfiguration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The configuration of one transport: flat keys and texts, without the transport's own prefix. The composition root fills it
 * from {@code finemem.transport.<name>}.
 */
public final class TransportSettings {
    private static final TransportSettings EMPTY = new TransportSettings("", Map.of());

    private final String prefix;
    private final Map<String, String> values;

    private TransportSettings(String prefix, Map<String, String> values) {
        this.prefix = prefix;
        this.values = new TreeMap<>(values);
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

    /** The value of a key, or the default if it is absent or empty. */
    public String text(String key, String defaultValue) {
        String value = values.get(key);
        return value == null || value.isBlank() ? defaultValue : value.trim();
    }

    /** A whole number within bounds, or the default if it is absent or empty. */
    public long number(String key, long defaultValue, long minimum, long maximum) {
        String value = text(key, Long.toString(defaultValue));
        long number;
        try {
            number = Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw invalid(key, value, "a whole number from " + minimum + " to " + maximum);
        }
        if (number < minimum || number > maximum) {
            throw invalid(key, value, "a whole number from " + minimum + " to " + maximum);
        }
        return number;
    }

    /** {@code true} or {@code false}, or the default if it is absent or empty. */
    public boolean flag(String key, boolean defaultValue) {
        String value = text(key, Boolean.toString(defaultValue));
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid(key, value, "true or false");
        }
        return value.equals("true");
    }

    /** Refuses keys that the transport does not know. */
    public void requireKnown(Set<String> known) {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new InvalidConfiguration(
                        "unknown key " + path(key) + "; known keys here: " + String.join(", ", new TreeSet<>(known)));
            }
        }
    }

    /** An error that names the key, the value and what is allowed. */
    public InvalidConfiguration invalid(String key, String value, String allowed) {
        return new InvalidConfiguration(path(key) + " = " + value + " is not valid: it must be " + allowed);
    }

    private String path(String key) {
        return prefix.isEmpty() ? key : prefix + '.' + key;
    }
}
