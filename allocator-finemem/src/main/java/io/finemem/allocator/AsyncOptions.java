package io.finemem.allocator;

/**
 * Bounds of asynchronous operations.
 *
 * @param depth most chains under way per memory node, 1 to 64; fewer where the transport has less room
 * @param queue operations that wait, 2 to 2^20; rounded up to a power of two
 */
public record AsyncOptions(int depth, int queue) {
    /** Largest {@link #depth()}. */
    public static final int MAX_DEPTH = 64;
    /** Largest {@link #queue()}. */
    public static final int MAX_QUEUE = 1 << 20;
    /** 16 chains and 1024 operations. */
    public static final AsyncOptions DEFAULT = new AsyncOptions(16, 1024);

    /** Checks the ranges. */
    public AsyncOptions {
        if (depth < 1 || depth > MAX_DEPTH) {
            throw new IllegalArgumentException("async depth must be 1 to " + MAX_DEPTH + ": " + depth);
        }
        if (queue < 2 || queue > MAX_QUEUE) {
            throw new IllegalArgumentException("async queue must be 2 to " + MAX_QUEUE + ": " + queue);
        }
    }
}
