package io.finemem.spi.settings;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/** The known key that a mistyped one was probably meant to be. */
final class Suggestion {
    private Suggestion() {}

    /** The nearest known key, if at most a third of it is wrong or one is the beginning of the other. */
    static Optional<String> of(String key, Set<String> known) {
        return known.stream()
                .filter(candidate -> near(key, candidate))
                .min(Comparator.comparingInt((String candidate) -> distance(key, candidate))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static boolean near(String key, String candidate) {
        return candidate.startsWith(key)
                || key.startsWith(candidate)
                || distance(key, candidate) <= Math.max(1, candidate.length() / 3);
    }

    /** Letters to insert, delete or replace. */
    private static int distance(String from, String to) {
        int[] previous = new int[to.length() + 1];
        int[] current = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[to.length()];
    }
}
