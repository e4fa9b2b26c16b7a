package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a configuration says in the end, key by key, and which source said it; secrets are masked. */
public final class EffectiveConfig {
    /** Stands in for a secret. */
    public static final String MASK = "********";

    /** Files that hold a secret are named; what they hold is not read here. */
    private static final Pattern SECRET_KEY = Pattern.compile("(?:.*[.-])?(?:password|passphrase|secret|token)");

    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s\"]*:[^/@\\s\"]*(?=@)");

    private EffectiveConfig() {}

    /**
     * One key.
     *
     * @param key its whole path
     * @param value its value as HOCON, masked if it is a secret
     * @param source the file and line, or another source, that it came from; "default" for {@code reference.conf}
     * @param isDefault whether {@code reference.conf} said it
     */
    public record Setting(String key, String value, String source, boolean isDefault) {}

    /** All settings below {@link FineMemConfig#ROOT}, in the order of their keys. */
    public static List<Setting> of(Config config) {
        ConfigObject defaults = ConfigFactory.defaultReference(EffectiveConfig.class.getClassLoader())
                .getObject(FineMemConfig.ROOT);
        List<Setting> settings = new ArrayList<>();
        collect(FineMemConfig.ROOT, config.getValue(FineMemConfig.ROOT), defaults, settings);
        return settings;
    }

    private static void collect(String path, ConfigValue value, @Nullable ConfigValue reference, List<Setting> to) {
        if (value instanceof ConfigObject section && !section.isEmpty()) {
            new TreeMap<>(section)
                    .forEach((key, child) -> collect(
                            path + "." + ConfigMistakes.key(key),
                            child,
                            reference instanceof ConfigObject object ? object.get(key) : null,
                            to));
        } else {
            boolean isDefault = reference != null && reference.origin().equals(value.origin());
            to.add(new Setting(
                    path,
                    shown(path, value),
                    isDefault ? "default" : ConfigMistakes.source(value.origin()),
                    isDefault));
        }
    }

    private static String shown(String path, ConfigValue value) {
        if (SECRET_KEY.matcher(path).matches()) {
            return value.unwrapped() == null || "".equals(value.unwrapped()) ? "\"\"" : MASK;
        }
        if (value instanceof ConfigList list) {
            List<String> elements = new ArrayList<>();
            for (ConfigValue element : list) {
                elements.add(shown(path, element));
            }
            return "[" + String.join(", ", elements) + "]";
        }
        if (value instanceof ConfigObject object) {
            List<String> entries = new ArrayList<>();
            new TreeMap<>(object)
                    .forEach((key, child) ->
                            entries.add(ConfigMistakes.key(key) + ": " + shown(path + "." + key, child)));
            return "{" + String.join(", ", entries) + "}";
        }
        return USER_INFO.matcher(value.render(ConfigRenderOptions.concise())).replaceAll(MASK);
    }
}
