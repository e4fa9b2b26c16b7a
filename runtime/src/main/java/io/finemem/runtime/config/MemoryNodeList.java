package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.finemem.runtime.control.NodeName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code memory-nodes = [ { name = ..., address = ... }, ... ]}. Not thread-safe. */
final class MemoryNodeList {
    private static final Set<String> KEYS = new TreeSet<>(Set.of("name", "address"));
    static final String FORM = "a list of memory nodes, such as [ { name = mn0, address = \"10.0.0.1:7471\" } ]";
    private static final String ENTRY = "a memory node such as { name = mn0, address = \"10.0.0.1:7471\" }";
    private static final int MAX_NODES = 256;

    private final Config config;
    private final ConfigMistakes mistakes;
    private final Set<String> names = new HashSet<>();

    MemoryNodeList(Config config, ConfigMistakes mistakes) {
        this.config = config;
        this.mistakes = mistakes;
    }

    List<MemoryNodeAddress> read(String path) {
        ConfigValue value = new ConfigReader(config, mistakes).value(path, FORM);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof ConfigList list)) {
            mistakes.invalid(path, value, FORM);
            return List.of();
        }
        if (list.isEmpty() || list.size() > MAX_NODES) {
            mistakes.invalid(path, value, FORM + ", 1 to " + MAX_NODES + " of them");
            return List.of();
        }
        List<MemoryNodeAddress> nodes = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            entry(path + "[" + i + "]", list.get(i)).ifPresent(nodes::add);
        }
        return nodes;
    }

    private Optional<MemoryNodeAddress> entry(String path, ConfigValue value) {
        if (!(value instanceof ConfigObject entry)) {
            mistakes.invalid(path, value, ENTRY);
            return Optional.empty();
        }
        KnownKeys known = new KnownKeys(Map.of(), mistakes);
        entry.forEach((key, field) -> {
            if (!KEYS.contains(key)) {
                known.unknown(path + "." + ConfigMistakes.key(key), key, field, KEYS);
            }
        });
        if (!entry.keySet().containsAll(KEYS)) {
            mistakes.invalid(path, value, ENTRY);
            return Optional.empty();
        }
        return address(path, entry.get("name"), entry.get("address"));
    }

    private Optional<MemoryNodeAddress> address(String path, ConfigValue name, ConfigValue address) {
        String nameText = String.valueOf(name.unwrapped());
        if (!NodeName.valid(nameText)) {
            mistakes.invalid(path + ".name", name, NodeName.ALLOWED);
        } else if (!names.add(nameText)) {
            mistakes.invalid(path + ".name", name, "different from the names of the other memory nodes");
        }
        Optional<MemoryNodeAddress> parsed = MemoryNodeAddress.parse(nameText, String.valueOf(address.unwrapped()));
        if (parsed.isEmpty()) {
            mistakes.invalid(path + ".address", address, MemoryNodeAddress.FORM);
        }
        return parsed;
    }
}
