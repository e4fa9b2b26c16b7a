package io.finemem.runtime.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Refuses keys that nobody reads: {@code reference.conf} and the settings of the transports are the list of those
 * known.
 */
final class KnownKeys {
    static final String TRANSPORT = FineMemConfig.ROOT + ".transport";
    static final String PLACEMENT = FineMemConfig.ROOT + ".placement";

    private final Map<String, Map<String, Set<String>>> plugins;
    private final ConfigMistakes mistakes;

    /** @param plugins per section of plug-ins, the setting keys of each plug-in by its name */
    KnownKeys(Map<String, Map<String, Set<String>>> plugins, ConfigMistakes mistakes) {
        this.plugins = plugins;
        this.mistakes = mistakes;
    }

    /** Compares a section with its form in the reference. */
    void check(String path, ConfigObject given, ConfigObject reference) {
        for (Map.Entry<String, ConfigValue> entry : given.entrySet()) {
            check(path, entry.getKey(), entry.getValue(), reference);
        }
    }

    private void check(String section, String key, ConfigValue value, ConfigObject reference) {
        String path = section + "." + ConfigMistakes.key(key);
        Map<String, Set<String>> here = plugins.getOrDefault(section, Map.of());
        if (here.containsKey(key)) {
            checkPlugIn(path, value, here.get(key));
        } else if (!reference.containsKey(key)) {
            Set<String> known = new TreeSet<>(reference.keySet());
            known.addAll(here.keySet());
            unknown(path, key, value, known);
        } else if (reference.get(key) instanceof ConfigObject expected) {
            checkSection(path, value, expected);
        }
    }

    private void checkSection(String path, ConfigValue value, ConfigObject expected) {
        if (value instanceof ConfigObject object) {
            check(path, object, expected);
        } else if (path.equals(TRANSPORT)) {
            mistakes.invalid(path, value, "a section; write finemem.transport.name = " + ConfigMistakes.text(value));
        } else if (value.valueType() != ConfigValueType.NULL) {
            mistakes.invalid(
                    path, value, "a section with the keys " + String.join(", ", new TreeSet<>(expected.keySet())));
        }
    }

    private void checkPlugIn(String path, ConfigValue value, Set<String> known) {
        if (!(value instanceof ConfigObject settings)) {
            mistakes.invalid(path, value, "a section with the keys " + String.join(", ", new TreeSet<>(known)));
            return;
        }
        settings.forEach((key, setting) -> {
            if (!known.contains(key)) {
                unknown(path + "." + ConfigMistakes.key(key), key, setting, known);
            }
        });
    }

    /** Notes an unknown key together with the known one that was probably meant. */
    void unknown(String path, String key, ConfigValue value, Set<String> known) {
        String section =
                path.substring(0, path.length() - ConfigMistakes.key(key).length());
        String hint = Suggestion.closest(key, known)
                .map(meant -> "did you mean " + section + meant + "?")
                .or(() -> Optional.of(
                        known.isEmpty()
                                ? "there are no keys here"
                                : "known here: " + String.join(", ", new TreeSet<>(known))))
                .get();
        mistakes.add("unknown key " + path + ": " + hint + " (" + ConfigMistakes.source(value.origin()) + ")");
    }
}
