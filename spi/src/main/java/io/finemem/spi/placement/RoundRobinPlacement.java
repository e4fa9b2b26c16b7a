package io.finemem.spi.placement;

import java.util.Set;

/** Each worker uses the nodes in turn. The default. */
public final class RoundRobinPlacement implements PlacementProvider {
    /** Its name. */
    public static final String NAME = "round-robin";

    /** What it does. */
    public static final PlacementPolicy POLICY = (nodes, bytes, turn) -> PlacementPolicy.nextInTurn(nodes, turn);

    /** Made by {@link java.util.ServiceLoader}. */
    public RoundRobinPlacement() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public String summary() {
        return "the memory nodes in turn";
    }

    @Override
    public Set<String> settingKeys() {
        return Set.of();
    }

    @Override
    public PlacementPolicy open(PlacementSettings settings) {
        settings.requireKnown(settingKeys());
        return POLICY;
    }
}
