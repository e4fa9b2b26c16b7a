package io.finemem.runtime.config;

import io.finemem.spi.coordination.CoordinationProviders;
import io.finemem.spi.placement.Placements;
import io.finemem.spi.transport.TransportProvider;
import io.finemem.spi.transport.Transports;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The plug-ins that a configuration may name, each with its section of settings.
 *
 * @param transports below {@code finemem.transport}
 * @param placements below {@code finemem.placement}
 * @param coordinations below {@code finemem.coordination}
 */
public record Plugins(Transports transports, Placements placements, CoordinationProviders coordinations) {

    /** Those on the class path and module path. */
    public static Plugins discover() {
        return new Plugins(Transports.discover(), Placements.discover(), CoordinationProviders.discover());
    }

    /** These transports; of the other kinds those on the class path and module path. */
    static Plugins of(Collection<TransportProvider> transports) {
        return new Plugins(Transports.of(transports), Placements.discover(), CoordinationProviders.discover());
    }

    /** Those that could not be used, in words. */
    public List<String> broken() {
        return Stream.of(transports.broken(), placements.broken(), coordinations.broken())
                .flatMap(List::stream)
                .toList();
    }
}
