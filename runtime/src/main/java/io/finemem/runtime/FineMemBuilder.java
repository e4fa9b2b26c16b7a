package io.finemem.runtime;

import com.typesafe.config.Config;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.ConfigSources;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Opens {@link FineMem} without Guice; can do what {@link FineMemModule} can. Not thread-safe; one builder may open
 * several
 * times.
 */
public final class FineMemBuilder {
    private final List<TransportProvider> transports = new ArrayList<>();
    private ControlConnector connector = ControlConnector.overTcp();
    private @Nullable Config config;
    private @Nullable AllocatorOptions options;
    private @Nullable MeterRegistry meters;

    FineMemBuilder() {}

    /**
     * The configuration; only what is below {@code finemem} counts, and {@code reference.conf} fills what is missing.
     */
    public FineMemBuilder config(Config value) {
        config = value;
        return this;
    }

    /** One more transport beside those on the class path. */
    public FineMemBuilder transport(TransportProvider provider) {
        transports.add(provider);
        return this;
    }

    /** Another way to the memory nodes than TCP. */
    public FineMemBuilder controlConnector(ControlConnector value) {
        connector = value;
        return this;
    }

    /** How to allocate, instead of what the configuration says. */
    public FineMemBuilder allocatorOptions(AllocatorOptions value) {
        options = value;
        return this;
    }

    /** Where meters are registered, until the memory is closed; without it there are none. Not closed by FineMem. */
    public FineMemBuilder meterRegistry(MeterRegistry value) {
        meters = value;
        return this;
    }

    /**
     * Connects to the memory nodes of {@code finemem.client}, or to the allocation service of this machine if {@code
     * finemem.client.through} is {@code service}.
     *
     * @throws InvalidConfiguration if the configuration has mistakes; the text has a line for each
     * @throws io.finemem.spi.transport.TransportUnavailable if the transport does not work here
     * @throws io.finemem.api.AuthenticationFailed if a memory node has another secret
     * @throws io.finemem.api.MemoryNodeLost if no memory node answers; one that does not is used as soon as it does
     * @throws io.finemem.api.ServiceLost if the allocation service does not answer
     */
    public FineMem connect() {
        return composition().connect();
    }

    /**
     * Opens a memory node as in {@code finemem.memory-node} in this process, and a client of it. There is no network
     * and no
     * secret.
     *
     * @throws InvalidConfiguration if the configuration has mistakes; the text has a line for each
     * @throws io.finemem.spi.transport.TransportUnavailable if the transport does not work here
     */
    public FineMem embedded() {
        return composition().embedded();
    }

    private Composition composition() {
        Config given = config == null ? ConfigSources.load(null, Map.of()) : config;
        return new Composition(
                given, allTransports(), connector, Optional.ofNullable(options), Optional.ofNullable(meters));
    }

    private Transports allTransports() {
        Transports found = Transports.discover();
        if (transports.isEmpty()) {
            return found;
        }
        List<TransportProvider> all = new ArrayList<>(found.providers());
        for (TransportProvider provider : transports) {
            if (all.stream().anyMatch(other -> other.name().equals(provider.name()))) {
                throw new InvalidConfiguration("two transports are named " + provider.name());
            }
            all.add(provider);
        }
        return Transports.of(all);
    }
}
