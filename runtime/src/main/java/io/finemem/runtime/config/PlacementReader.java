package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.placement.PlacementPolicy;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.placement.PlacementSettings;
import io.finemem.spi.placement.Placements;
import io.finemem.spi.placement.RoundRobinPlacement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads how a client places blocks. Not thread-safe. */
final class PlacementReader {
    private final Config config;
    private final ConfigMistakes mistakes;
    private final ConfigReader reader;
    private final Placements placements;

    PlacementReader(Config config, ConfigMistakes mistakes, Placements placements) {
        this.placements = placements;
        this.config = config;
        this.mistakes = mistakes;
        this.reader = new ConfigReader(config, mistakes);
    }

    /** The setting keys of every kind of placement by its name. */
    Map<String, Set<String>> keys() {
        return placements.all().stream()
                .collect(Collectors.toMap(PlacementProvider::name, PlacementProvider::settingKeys));
    }

    /**
     * The chosen placement.
     *
     * @param path where its name stands
     * @param section below which the settings of each kind stand
     */
    PlacementPolicy policy(String path, String section) {
        ConfigValue value = reader.value(path, allowed());
        if (value == null) {
            return RoundRobinPlacement.POLICY;
        }
        String name = String.valueOf(value.unwrapped());
        PlacementProvider provider = placements.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(null);
        if (provider == null) {
            mistakes.invalid(path, value, allowed());
            return RoundRobinPlacement.POLICY;
        }
        try {
            return provider.open(PlacementSettings.of(section + "." + name, settings(section + "." + name)));
        } catch (InvalidConfiguration e) {
            mistakes.add(String.valueOf(e.getMessage()));
            return RoundRobinPlacement.POLICY;
        }
    }

    private String allowed() {
        String known = String.join(
                ", ", placements.all().stream().map(PlacementProvider::name).toList());
        String broken =
                placements.broken().isEmpty() ? "" : " (not usable: " + String.join(", ", placements.broken()) + ")";
        return "one of " + known + broken;
    }

    private Map<String, String> settings(String path) {
        Map<String, String> flat = new TreeMap<>();
        try {
            if (config.hasPath(path) && config.getValue(path) instanceof ConfigObject object) {
                object.forEach((key, value) -> flat.put(key, text(value.unwrapped())));
            }
            return flat;
        } catch (ConfigException.WrongType e) {
            return flat; // a mistake that is told already
        }
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }
}
