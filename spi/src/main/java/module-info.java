/**
 * What a plug-in of FineMem implements: transports of one-sided operations, coordination, placement, and
 * their discovery.
 */
module io.finemem.spi {
    requires transitive io.finemem.api;
    requires static transitive org.jspecify;

    exports io.finemem.spi.coordination;
    exports io.finemem.spi.memory;
    exports io.finemem.spi.placement;
    exports io.finemem.spi.provider;
    exports io.finemem.spi.settings;
    exports io.finemem.spi.transport;

    uses io.finemem.spi.coordination.CoordinationProvider;
    uses io.finemem.spi.placement.PlacementProvider;
    uses io.finemem.spi.transport.TransportProvider;

    provides io.finemem.spi.coordination.CoordinationProvider with
            io.finemem.spi.coordination.StaticCoordinationProvider;
    provides io.finemem.spi.placement.PlacementProvider with
            io.finemem.spi.placement.RoundRobinPlacement,
            io.finemem.spi.placement.LeastLoadedPlacement,
            io.finemem.spi.placement.LabelPlacement;
}
