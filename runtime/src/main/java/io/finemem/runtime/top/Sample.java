package io.finemem.runtime.top;

import java.util.Map;

/** One line of Prometheus' text: a metric's value, with its labels. */
record Sample(String name, Map<String, String> labels, double value) {
    String label(String key) {
        return labels.getOrDefault(key, "");
    }
}
