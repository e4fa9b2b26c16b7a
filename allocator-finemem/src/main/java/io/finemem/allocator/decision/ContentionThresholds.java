package io.finemem.allocator.decision;

/**
 * From how many failed attempts of one claim a span counts as contended.
 *
 * @param some failed attempts from which it is {@code some}, 1 or more
 * @param high failed attempts from which it is {@code high}: claims then go to another span
 */
public record ContentionThresholds(int some, int high) {
    /** Some from the 2nd failed attempt on, high from the 4th. */
    public static final ContentionThresholds DEFAULT = new ContentionThresholds(2, 4);

    /** Checks the order. */
    public ContentionThresholds {
        if (some < 1 || high < some) {
            throw new IllegalArgumentException(
                    "contention thresholds must be 1 <= some <= high: some=" + some + " high=" + high);
        }
    }

    /** Contention that a claim writes after that many failed attempts: 0, 1 or 2. */
    public int level(int failedAttempts) {
        if (failedAttempts >= high) {
            return 2;
        }
        return failedAttempts >= some ? 1 : 0;
    }
}
