package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.control.NodeName;
import io.finemem.service.server.LabelRules;
import io.finemem.spi.placement.PlacementPolicy;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.placement.PlacementSettings;
import io.finemem.spi.placement.Placements;
import io.finemem.spi.placement.RoundRobinPlacement;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads labels of memory nodes, and how a client places blocks. Not thread-safe. */
final class PlacementReader {
    private static final int MAX_LABELS = 32;
    private static final String ANY = "any";
    private static final String LABELS = "a list of up to " + MAX_LABELS
            + " labels such as [ fast, ssd ], each of them " + NodeName.ALLOWED + ", each once";

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

    SortedSet<String> labels(String path) {
        ConfigValue value = reader.value(path, LABELS);
        return value == null ? new TreeSet<>() : labels(path, value, LABELS);
    }

    /** Which labels may be asked for. */
    LabelRules labelRules(String path) {
        String allowed = ANY + ", or " + LABELS;
        ConfigValue value = reader.value(path, allowed);
        return value == null || ANY.equals(value.unwrapped())
                ? LabelRules.ANY
                : LabelRules.only(labels(path, value, allowed));
    }

    private SortedSet<String> labels(String path, ConfigValue value, String allowed) {
        SortedSet<String> labels = new TreeSet<>();
        if (!(value instanceof ConfigList list) || list.size() > MAX_LABELS) {
            mistakes.invalid(path, value, allowed);
            return labels;
        }
        for (int i = 0; i < list.size(); i++) {
            String label = String.valueOf(list.get(i).unwrapped());
            if (!NodeName.valid(label) || !labels.add(label)) {
                mistakes.invalid(path + "[" + i + "]", list.get(i), allowed);
            }
        }
        return labels;
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
