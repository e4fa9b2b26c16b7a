package io.finemem.service.server;

import io.finemem.api.InvalidRequest;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which labels of memory nodes applications may ask for.
 *
 * @param any whether they may ask for all of them
 * @param allowed those that they may ask for otherwise
 */
public record LabelRules(boolean any, Set<String> allowed) {
    /** All labels. */
    public static final LabelRules ANY = new LabelRules(true, Set.of());

    /** Takes a copy. */
    public LabelRules {
        allowed = Set.copyOf(allowed);
    }

    /** These and no others. */
    public static LabelRules only(Set<String> labels) {
        return new LabelRules(false, labels);
    }

    void check(String label) {
        if (!any && !allowed.contains(label)) {
            throw new InvalidRequest(
                    "applications of this allocation service may not ask for this label; "
                            + "the operator can allow it (finemem.service.labels)",
                    "label",
                    label,
                    "allowed",
                    new TreeSet<>(allowed));
        }
    }
}
