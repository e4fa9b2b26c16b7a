package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.finemem.runtime.control.NodeName;
import io.finemem.service.server.Quota;
import io.finemem.service.server.Quotas;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads quotas: one for each application, and lists such as {@code quotas-by-name = [ { name = batch, bytes = 1GiB } ]}. Not
 * thread-safe.
 */
final class QuotaReader {
    private static final String UNLIMITED = "unlimited";
    private static final String BYTES = "bytes";
    private static final String BLOCKS = "blocks";
    private static final String ALLOWED_BYTES = "unlimited, or a size such as 1GiB";
    private static final String ALLOWED_BLOCKS = "unlimited, or a whole number of blocks, 0 or more";

    private final Config config;
    private final ConfigMistakes mistakes;

    QuotaReader(Config config, ConfigMistakes mistakes) {
        this.config = config;
        this.mistakes = mistakes;
    }

    Quotas read(String section) {
        Map<String, Quota> byName = new HashMap<>();
        entries(section + "quotas-by-name", "name", (path, key, quota) -> {
            String name = String.valueOf(key.unwrapped());
            if (!NodeName.valid(name)) {
                mistakes.invalid(path, key, NodeName.ALLOWED);
            } else if (byName.put(name, quota) != null) {
                mistakes.invalid(path, key, "different from the others of the list");
            }
        });
        Map<Integer, Quota> byUid = new HashMap<>();
        entries(section + "quotas-by-uid", "uid", (path, key, quota) -> {
            Long uid = number(String.valueOf(key.unwrapped()));
            if (uid == null || uid > Integer.MAX_VALUE) {
                mistakes.invalid(path, key, "a user id");
            } else if (byUid.put(uid.intValue(), quota) != null) {
                mistakes.invalid(path, key, "different from the others of the list");
            }
        });
        return new Quotas(each(section + "quota."), byName, byUid);
    }

    private Quota each(String section) {
        ConfigReader reader = new ConfigReader(config, mistakes);
        ConfigValue bytes = reader.value(section + BYTES, ALLOWED_BYTES);
        ConfigValue blocks = reader.value(section + BLOCKS, ALLOWED_BLOCKS);
        return bytes == null || blocks == null
                ? Quota.UNLIMITED
                : new Quota(bytes(section + BYTES, bytes), blocks(section + BLOCKS, blocks));
    }

    /** What to do with one entry of a list. */
    private interface Entry {
        void take(String path, ConfigValue key, Quota quota);
    }

    private void entries(String path, String keyName, Entry sink) {
        String form = "a list such as [ { " + keyName + " = " + (keyName.equals("uid") ? "1001" : "batch")
                + ", bytes = 1GiB, blocks = 100000 } ]";
        ConfigValue value = new ConfigReader(config, mistakes).value(path, form);
        if (value == null) {
            return;
        }
        if (!(value instanceof ConfigList list)) {
            mistakes.invalid(path, value, form);
            return;
        }
        for (int i = 0; i < list.size(); i++) {
            String at = path + "[" + i + "]";
            if (!(list.get(i) instanceof ConfigObject entry) || !entry.containsKey(keyName)) {
                mistakes.invalid(at, list.get(i), "one of " + form);
            } else if (known(at, entry, new TreeSet<>(Set.of(keyName, BYTES, BLOCKS)))) {
                sink.take(at + "." + keyName, entry.get(keyName), quota(at, entry));
            }
        }
    }

    private boolean known(String path, ConfigObject entry, Set<String> keys) {
        KnownKeys known = new KnownKeys(Map.of(), mistakes);
        boolean all = true;
        for (Map.Entry<String, ConfigValue> field : entry.entrySet()) {
            if (!keys.contains(field.getKey())) {
                known.unknown(path + "." + ConfigMistakes.key(field.getKey()), field.getKey(), field.getValue(), keys);
                all = false;
            }
        }
        return all;
    }

    private Quota quota(String path, ConfigObject entry) {
        ConfigValue bytes = entry.get(BYTES);
        ConfigValue blocks = entry.get(BLOCKS);
        return new Quota(
                bytes == null ? Long.MAX_VALUE : bytes(path + "." + BYTES, bytes),
                blocks == null ? Long.MAX_VALUE : blocks(path + "." + BLOCKS, blocks));
    }

    private long bytes(String path, ConfigValue value) {
        if (UNLIMITED.equals(value.unwrapped())) {
            return Long.MAX_VALUE;
        }
        try {
            long bytes = value.atKey(BYTES).getBytes(BYTES);
            if (bytes >= 0) {
                return bytes;
            }
        } catch (ConfigException | IllegalArgumentException e) {
            mistakes.invalid(path, value, ALLOWED_BYTES);
            return 0;
        }
        mistakes.invalid(path, value, ALLOWED_BYTES);
        return 0;
    }

    private long blocks(String path, ConfigValue value) {
        String text = String.valueOf(value.unwrapped());
        Long blocks = text.equals(UNLIMITED) ? Long.valueOf(Long.MAX_VALUE) : number(text);
        if (blocks == null) {
            mistakes.invalid(path, value, ALLOWED_BLOCKS);
            return 0;
        }
        return blocks;
    }

    /** The whole number, 0 or more, or null. */
    private static @Nullable Long number(String text) {
        try {
            long number = Long.parseLong(text);
            return number >= 0 ? number : null;
        } catch (NumberFormatException e) {
            return null; // told by the caller
        }
    }
}
