package io.finemem.runtime;

import com.typesafe.config.Config;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.ConfigSources;
import io.finemem.runtime.config.Plugins;
import io.finemem.spi.coordination.CoordinationProvider;
import io.finemem.spi.placement.PlacementProvider;
import io.finemem.spi.transport.TransportProvider;
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
    private final List<PlacementProvider> placements = new ArrayList<>();
    private final List<CoordinationProvider> coordinations = new ArrayList<>();
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

    /** One more transport beside those on the class path, for {@code finemem.transport.name}. */
    public FineMemBuilder transport(TransportProvider provider) {
        transports.add(provider);
        return this;
    }

    /** One more kind of placement beside those on the class path, for {@code finemem.client.placement}. */
    public FineMemBuilder placement(PlacementProvider provider) {
        placements.add(provider);
        return this;
    }

    /** One more kind of directory beside those on the class path, for {@code finemem.coordination.provider}. */
    public FineMemBuilder coordination(CoordinationProvider provider) {
        coordinations.add(provider);
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
                given, new Extensions(plugins(), connector, Optional.ofNullable(options), Optional.ofNullable(meters)));
    }

    private Plugins plugins() {
        Plugins found = Plugins.discover();
        return new Plugins(
                found.transports().with(transports),
                found.placements().with(placements),
                found.coordinations().with(coordinations));
    }
}
