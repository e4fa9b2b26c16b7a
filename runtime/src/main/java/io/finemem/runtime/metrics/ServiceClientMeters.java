package io.finemem.runtime.metrics;

import io.finemem.api.MemoryStatistics;
import io.finemem.api.RemoteMemory;
import io.finemem.spi.transport.TransportDescription;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;

/** Meters of an application that allocates through a service; what its operations cost on the fabric is the service's to tell. */
public final class ServiceClientMeters implements AutoCloseable {
    /** A look at the counters is a request to the service. */
    private static final Duration MAX_AGE = Duration.ofSeconds(1);

    private static final String ALL = "all";

    private final MeterSet meters;

    /** Registers the meters of an application; closed before its memory. */
    public ServiceClientMeters(MeterRegistry registry, RemoteMemory memory, TransportDescription transport) {
        this.meters = new MeterSet(registry, Tags.empty());
        Cached<MemoryStatistics> statistics = new Cached<>(memory::statistics, taken -> {}, MAX_AGE);
        OwnerMeters.transport(meters, transport);
        meters.counter(MeterName.ALLOCATIONS, () -> statistics.get().allocations(), "size.class", ALL);
        meters.counter(MeterName.FREES, () -> statistics.get().frees(), "size.class", ALL);
        OwnerMeters.held(meters, statistics);
    }

    /** Removes the meters. */
    @Override
    public void close() {
        meters.close();
    }
}
