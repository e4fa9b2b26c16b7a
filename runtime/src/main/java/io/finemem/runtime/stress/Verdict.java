package io.finemem.runtime.stress;

/**
 * What was seen of one assumption.
 *
 * @param assumption its name in docs/protocol.md, or what is looked at beside them
 * @param claim what is assumed
 * @param done what was done to refute it
 * @param operations how many operations that took
 * @param result what came out
 * @param detail what was seen
 * @param remedy what to do about it; empty if nothing is to be done
 */
public record Verdict(
        String assumption, String claim, String done, long operations, Result result, String detail, String remedy) {

    /** What came out. Stress can refute an assumption; it cannot prove one. */
    public enum Result {
        /** Nothing was seen against it. */
        HOLDS,
        /** It was seen broken; the allocator must not be used on this device. */
        VIOLATED,
        /** Something was seen that users may want to know; the allocator does not rely on it. */
        NOTED
    }

    /** Whether the allocator can be used as far as this goes. */
    public boolean passed() {
        return result != Result.VIOLATED;
    }
}
