package io.finemem.runtime.top;

import java.util.List;
import java.util.function.Predicate;

/**
 * What an endpoint told.
 *
 * @param endpoint host and port
 * @param nanos when
 * @param samples empty if it did not answer
 * @param failure why it did not answer; empty if it did
 */
record Scrape(String endpoint, long nanos, List<Sample> samples, String failure) {
    boolean answered() {
        return failure.isEmpty();
    }

    boolean has(String name) {
        return samples.stream().anyMatch(sample -> sample.name().equals(name));
    }

    List<Sample> all(String name) {
        return samples.stream().filter(sample -> sample.name().equals(name)).toList();
    }

    double sum(String name) {
        return sum(name, sample -> true);
    }

    double sum(String name, Predicate<Sample> wanted) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .filter(wanted)
                .mapToDouble(Sample::value)
                .sum();
    }
}
