package io.finemem.allocator.data;

/**
 * How a data path works.
 *
 * @param leakDetection how lost blocks are noticed
 * @param bufferBytes most bytes of pooled registered buffers, 1 or more
 */
public record DataOptions(LeakLevel leakDetection, long bufferBytes) {
    private static final long DEFAULT_BUFFER_BYTES = 64L << 20;

    /** Checks the ranges. */
    public DataOptions {
        if (bufferBytes < 1) {
            throw new IllegalArgumentException("buffer bytes must be positive: " + bufferBytes);
        }
    }

    /** Sampled leak detection, 64 MiB. */
    public static DataOptions defaults() {
        return new DataOptions(LeakLevel.SIMPLE, DEFAULT_BUFFER_BYTES);
    }

    /** The same with another leak detection. */
    public DataOptions withLeakDetection(LeakLevel level) {
        return new DataOptions(level, bufferBytes);
    }

    /** The same with another bound of the buffers. */
    public DataOptions withBufferBytes(long bytes) {
        return new DataOptions(leakDetection, bytes);
    }
}
