package io.finemem.runtime.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Meters of the directory as this process sees it; a list in the configuration is one that is always there. */
public final class DirectoryMeters implements AutoCloseable {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MeterSet meters;

    /**
     * Registers the meters.
     *
     * @param provider kind of the directory
     * @param away whether it is away
     * @param outages how often it was
     * @param latestNanos for how long the last time
     */
    public DirectoryMeters(
            MeterRegistry registry,
            String provider,
            BooleanSupplier away,
            LongSupplier outages,
            LongSupplier latestNanos) {
        this.meters = new MeterSet(registry, Tags.of("provider", provider));
        meters.gauge(MeterName.DIRECTORY_UP, () -> away.getAsBoolean() ? 0 : 1);
        meters.counter(MeterName.DIRECTORY_OUTAGES, outages);
        meters.gauge(MeterName.DIRECTORY_OUTAGE, () -> latestNanos.getAsLong() / NANOS_PER_SECOND);
    }

    /** Removes the meters. */
    @Override
    public void close() {
        meters.close();
    }
}
