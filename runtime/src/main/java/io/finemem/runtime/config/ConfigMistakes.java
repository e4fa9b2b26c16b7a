package io.finemem.runtime.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.finemem.api.InvalidConfiguration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** Collects mistakes, so that all of them are reported at once. Not thread-safe. */
final class ConfigMistakes {
    private static final int MAX_VALUE_CHARACTERS = 80;

    private final Set<String> mistakes = new LinkedHashSet<>();
    private final Set<String> invalid = new HashSet<>();

    void add(String mistake) {
        mistakes.add(mistake);
    }

    /** A value that is there and is wrong. */
    void invalid(String path, ConfigValue value, String allowed) {
        invalid.add(path);
        add(path + " = " + text(value) + " is not valid: it must be " + allowed + " (" + source(value.origin()) + ")");
    }

    /** A value that must be given and is not; nothing new if it is given, and wrong. */
    void missing(String path, String wanted) {
        if (!invalid.contains(path)) {
            add(path + " is not set: it must be " + wanted);
        }
    }

    /** @throws InvalidConfiguration with one line per mistake, if there is any */
    void throwIfAny() {
        if (!mistakes.isEmpty()) {
            throw new InvalidConfiguration(String.join("\n", mistakes));
        }
    }

    boolean any() {
        return !mistakes.isEmpty();
    }

    static String text(ConfigValue value) {
        String text = value.valueType() == ConfigValueType.STRING
                ? String.valueOf(value.unwrapped())
                : value.render(ConfigRenderOptions.concise());
        String line = text.isBlank() ? "\"" + text + "\"" : text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_VALUE_CHARACTERS ? line : line.substring(0, MAX_VALUE_CHARACTERS) + "...";
    }

    /** A key as it is written in a file: in quotes if there is anything odd in it. */
    static String key(String key) {
        return key.matches("[A-Za-z0-9_-]+") ? key : ConfigUtil.quoteString(key);
    }

    static String source(ConfigOrigin origin) {
        if (origin.filename() != null) {
            return origin.filename() + ":" + origin.lineNumber();
        }
        if (origin.resource() != null) {
            return origin.resource() + ":" + origin.lineNumber();
        }
        return origin.description();
    }
}
