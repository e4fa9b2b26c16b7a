package io.finemem.runtime.metrics;

import io.finemem.api.FineMemException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A snapshot that many gauges read, taken again when it is old; the latest one is kept while none can be taken. Any thread.
 *
 * @param <T> immutable
 */
final class Cached<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Cached.class);

    private final Supplier<T> source;
    private final Consumer<T> taken;
    private final long maxAgeNanos;
    private T latest;
    private long takenAt;

    /** @param taken called with each snapshot, the first included */
    Cached(Supplier<T> source, Consumer<T> taken, Duration maxAge) {
        this.source = source;
        this.taken = taken;
        this.maxAgeNanos = maxAge.toNanos();
        this.latest = source.get();
        this.takenAt = System.nanoTime();
        taken.accept(latest);
    }

    synchronized T get() {
        if (System.nanoTime() - takenAt > maxAgeNanos) {
            takenAt = System.nanoTime();
            try {
                latest = source.get();
                taken.accept(latest);
            } catch (FineMemException e) {
                LOG.debug("meters keep their values: {}", e.getMessage());
            }
        }
        return latest;
    }
}
