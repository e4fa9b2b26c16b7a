package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Splits {@code finemem.memory-node.pools = [ { name = ..., device = ... }, ... ]} into configurations of one memory node each: what
 * an entry does not say is that of {@code finemem.memory-node}. Not thread-safe.
 */
final class PoolSections {
    static final String SECTION = FineMemConfig.ROOT + ".memory-node";
    static final String POOLS = SECTION + ".pools";
    static final String DEVICE = "device";

    private static final String TRANSPORT = FineMemConfig.ROOT + ".transport.name";
    private static final String KEY = "pools";
    private static final String FORM = "a list of pools, such as [ { name = mn0, device = mlx5_0 },"
            + " { name = mn1, device = mlx5_1, listen.port = 7472 } ]";
    private static final String ENTRY = "a pool such as { name = mn1, device = mlx5_1, listen.port = 7472 }";
    private static final int MAX_POOLS = 64;

    /** Keys of an entry that stand elsewhere in the configuration of a memory node. */
    private static final Map<String, String> TLS = new TreeMap<>(Map.of(
            "keystore", FineMemConfig.ROOT + ".control.tls.keystore",
            "keystore-password-file", FineMemConfig.ROOT + ".control.tls.keystore-password-file"));

    private final Config config;
    private final ConfigObject reference;
    private final Predicate<String> hasDevices;
    private final ConfigMistakes mistakes;

    /** @param hasDevices whether the transport of a name has a setting for its device */
    PoolSections(Config config, ConfigObject reference, Predicate<String> hasDevices, ConfigMistakes mistakes) {
        this.config = config;
        this.reference = reference;
        this.hasDevices = hasDevices;
        this.mistakes = mistakes;
    }

    /**
     * One pool.
     *
     * @param path of its entry, for messages
     * @param entry what it says itself
     * @param config the whole configuration as it is for this pool
     */
    record Part(String path, ConfigObject entry, Config config) {
        /** A key as it stands: in the entry, or in the section that all share. */
        String pathOf(String key) {
            return (entry.containsKey(key.split("\\.")[0]) ? path : SECTION) + "." + key;
        }

        /** A message about the configuration of the pool, about its entry. */
        String renamed(String message) {
            for (String key : entry.keySet()) {
                String there = TLS.getOrDefault(key, SECTION + "." + key);
                if (message.startsWith(there + " ") || message.startsWith(there + ".")) {
                    return path + "." + key + message.substring(there.length());
                }
            }
            return message;
        }
    }

    /** The pools; none if the list is empty: then there is one, that of the section. */
    List<Part> split() {
        ConfigValue value = new ConfigReader(config, mistakes).value(POOLS, FORM);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ConfigList list) || list.size() > MAX_POOLS) {
            mistakes.invalid(POOLS, value, FORM + ", up to " + MAX_POOLS + " of them");
            return List.of();
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String path = POOLS + "[" + i + "]";
            if (list.get(i) instanceof ConfigObject entry) {
                parts.add(part(path, entry));
            } else {
                mistakes.invalid(path, list.get(i), ENTRY);
            }
        }
        return parts;
    }

    private Part part(String path, ConfigObject entry) {
        new KnownKeys(Map.of(), mistakes).check(path, entry, known());
        ConfigObject own = entry;
        Config whole = config;
        for (String key : List.copyOf(entry.keySet())) {
            ConfigValue value = entry.get(key);
            String elsewhere = TLS.get(key);
            if (elsewhere != null) {
                whole = whole.withValue(elsewhere, value);
            }
            if (elsewhere != null || key.equals(DEVICE) || !reference.containsKey(key)) {
                own = own.withoutKey(key);
            }
        }
        whole = withDevice(path, entry.get(DEVICE), whole);
        ConfigObject shared = config.getConfig(SECTION).root().withoutKey(KEY);
        return new Part(path, entry, whole.withValue(SECTION, own.withFallback(shared)));
    }

    /** What an entry may say: all of the section, and what is its own. */
    private ConfigObject known() {
        ConfigValue text = ConfigValueFactory.fromAnyRef("");
        ConfigObject known = reference.withoutKey(KEY).withValue(DEVICE, text);
        for (String key : TLS.keySet()) {
            known = known.withValue(key, text);
        }
        return known;
    }

    /**
     * Atomics of two adapters on the same word are not atomic to each other, so that a pool has one device, and the transport's own
     * setting is that of the pool.
     */
    private Config withDevice(String path, @Nullable ConfigValue device, Config whole) {
        if (device == null) {
            return whole;
        }
        String transport = new ConfigReader(config, new ConfigMistakes()).text(TRANSPORT);
        if (!hasDevices.test(transport)) {
            mistakes.invalid(
                    path + "." + DEVICE,
                    device,
                    "left out, unless " + TRANSPORT + " is that of a transport with devices, such as verbs");
            return whole;
        }
        String text = String.valueOf(device.unwrapped());
        if (device.valueType() == ConfigValueType.LIST || text.matches(".*[,\\s].*")) {
            mistakes.invalid(
                    path + "." + DEVICE,
                    device,
                    "one device: operations of two on the same memory are not atomic to each other; make a pool of each");
            return whole;
        }
        return whole.withValue(FineMemConfig.ROOT + ".transport." + transport + "." + DEVICE, device);
    }
}
