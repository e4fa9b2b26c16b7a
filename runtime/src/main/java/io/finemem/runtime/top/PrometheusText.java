package io.finemem.runtime.top;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Prometheus' text format; lines that are none of it are left out. */
final class PrometheusText {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)\\})?\\s+(\\S+)(?:\\s+\\d+)?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private PrometheusText() {}

    static List<Sample> parse(String text) {
        List<Sample> samples = new ArrayList<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher matcher = LINE.matcher(line.strip());
            if (matcher.matches()) {
                add(samples, matcher);
            }
        });
        return samples;
    }

    private static void add(List<Sample> samples, Matcher line) {
        try {
            double value = number(line.group(3));
            samples.add(new Sample(line.group(1), labels(line.group(2) == null ? "" : line.group(2)), value));
        } catch (NumberFormatException e) {
            return; // not a sample
        }
    }

    static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new TreeMap<>();
        Matcher matcher = LABEL.matcher(text);
        while (matcher.find()) {
            labels.put(
                    matcher.group(1),
                    matcher.group(2).replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\"));
        }
        return labels;
    }
}
