package io.finemem.runtime.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import io.finemem.runtime.control.NodeName;
import io.finemem.service.server.LabelRules;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads lists of labels: those of a memory node, and those by which applications may allocate. Not thread-safe. */
final class LabelReader {
    private static final int MAX_LABELS = 32;
    private static final String ANY = "any";
    private static final String LABELS = "a list of up to " + MAX_LABELS
            + " labels such as [ fast, ssd ], each of them " + NodeName.ALLOWED + ", each once";

    private final ConfigMistakes mistakes;
    private final ConfigReader reader;

    LabelReader(Config config, ConfigMistakes mistakes) {
        this.mistakes = mistakes;
        this.reader = new ConfigReader(config, mistakes);
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
}
