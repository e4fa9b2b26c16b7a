package io.finemem.runtime.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.IntSupplier;

/** Meters of an allocation service beside those of its owner. */
public final class ServiceMeters implements AutoCloseable {
    private final MeterSet meters;

    /** Registers the meters of a service; closed before it. */
    public ServiceMeters(MeterRegistry registry, IntSupplier sessions) {
        this.meters = new MeterSet(registry, Tags.empty());
        meters.gauge(MeterName.SERVICE_SESSIONS, sessions::getAsInt);
    }

    /** Removes the meters. */
    @Override
    public void close() {
        meters.close();
    }
}
