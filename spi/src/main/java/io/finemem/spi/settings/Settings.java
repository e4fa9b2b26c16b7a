package io.finemem.spi.settings;

import io.finemem.api.InvalidConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The configuration of one plug-in: flat keys and texts, without the plug-in's own prefix. An absent key and an empty
 * value both mean the default. Immutable.
 */
public abstract class Settings {
    private static final Pattern CREDENTIALS_IN_URL = Pattern.compile("//[^/\\s]*@");

    private final String prefix;
    private final Map<String, String> values;

    /**
     * Settings from a map.
     *
     * @param prefix path that is put before a key in messages, such as {@code finemem.transport.shm}
     */
    protected Settings(String prefix, Map<String, String> values) {
        this.prefix = prefix;
        this.values = new TreeMap<>(values);
    }

    /** The value of a key, or the default if it is absent or empty. */
    public final String text(String key, String defaultValue) {
        String value = values.get(key);
        return value == null || value.isBlank() ? defaultValue : value.trim();
    }

    /** A whole number within bounds, or the default if it is absent or empty. */
    public final long number(String key, long defaultValue, long minimum, long maximum) {
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
    public final boolean flag(String key, boolean defaultValue) {
        String value = text(key, Boolean.toString(defaultValue));
        if (!value.equals("true") && !value.equals("false")) {
            throw invalid(key, value, "true or false");
        }
        return value.equals("true");
    }

    /** A time with its unit, such as {@code 500 ms}, {@code 10s}, {@code 2m} or {@code 24h}, within bounds. */
    public final Duration duration(String key, Duration defaultValue, Duration minimum, Duration maximum) {
        String value = text(key, "");
        if (value.isEmpty()) {
            return defaultValue;
        }
        String allowed = "a time with its unit (ms, s, m, h) from " + DurationText.format(minimum) + " to "
                + DurationText.format(maximum);
        Duration duration = DurationText.parse(value).orElseThrow(() -> invalid(key, value, allowed));
        if (duration.compareTo(minimum) < 0 || duration.compareTo(maximum) > 0) {
            throw invalid(key, value, allowed);
        }
        return duration;
    }

    /**
     * The items of a list separated by commas, each read by {@code item}; an error of one item names it and the key.
     */
    public final <T> List<T> list(String key, String defaultValue, String allowed, Function<String, T> item) {
        String value = text(key, defaultValue);
        List<T> items = new ArrayList<>();
        if (value.isEmpty()) {
            return items;
        }
        for (String part : value.split(",", -1)) {
            try {
                items.add(item.apply(part.trim()));
            } catch (IllegalArgumentException e) {
                throw new InvalidConfiguration(
                        e,
                        path(key) + " = " + masked(value) + " is not valid: " + e.getMessage() + "; it must be "
                                + allowed);
            }
        }
        return items;
    }

    /** Refuses keys that the plug-in does not know. */
    public final void requireKnown(Set<String> known) {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                throw new InvalidConfiguration(
                        "unknown key " + path(key) + "; known keys here: " + String.join(", ", new TreeSet<>(known))
                                + Suggestion.of(key, known)
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse(""));
            }
        }
    }

    /** An error that names the key, the value and what is allowed. */
    public final InvalidConfiguration invalid(String key, String value, String allowed) {
        return new InvalidConfiguration(path(key) + " = " + masked(value) + " is not valid: it must be " + allowed);
    }

    /** The key as it stands in the configuration, for messages. */
    public final String path(String key) {
        return prefix.isEmpty() ? key : prefix + '.' + key;
    }

    /** A password that somebody put into a URL does not belong in a message. */
    private static String masked(String value) {
        return CREDENTIALS_IN_URL.matcher(value).replaceAll("//***@");
    }

    /** The keys that are set; values are left out because some are secret. */
    @Override
    public final String toString() {
        return "settings{" + (prefix.isEmpty() ? "" : prefix + ": ") + String.join(", ", values.keySet()) + "}";
    }
}
