package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The section of a plug-in, flat, as the plug-in gets it. */
final class PluginSection {
    private PluginSection() {}

    /** Keys and texts; none if there is no such section. */
    static Map<String, String> values(Config config, String path) {
        Map<String, String> values = new TreeMap<>();
        if (at(config, path) instanceof ConfigObject section) {
            section.forEach((key, value) -> {
                if (value.valueType() != ConfigValueType.NULL) {
                    values.put(key, text(value));
                }
            });
        }
        return values;
    }

    private static @Nullable ConfigValue at(Config config, String path) {
        try {
            return config.hasPath(path) ? config.getValue(path) : null;
        } catch (ConfigException.WrongType e) {
            return null; // noted as a mistake where the known keys are compared
        }
    }

    /** A list may be written as one, or as a text with commas. */
    private static String text(ConfigValue value) {
        return value instanceof ConfigList list
                ? list.stream()
                        .map(element -> String.valueOf(element.unwrapped()))
                        .collect(Collectors.joining(","))
                : String.valueOf(value.unwrapped());
    }
}
