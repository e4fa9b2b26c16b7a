package io.finemem.spi.placement;

import java.util.Set;

/**
 * Keeps nodes with labels for allocations that ask for one of them. What asks for no label goes to the nodes with the default label;
 * without a default label, to the nodes that have none. Of these, the next in turn.
 *
 * <p>Keys: {@code default}, a label or empty; {@code spill}, whether what asks for no label may go to all nodes once those for it
 * have no room: {@code false} or {@code true}.
 */
public final class LabelPlacement implements PlacementProvider {
    /** Its name. */
    public static final String NAME = "label";

    private static final String DEFAULT = "default";
    private static final String SPILL = "spill";

    /** Made by {@link java.util.ServiceLoader}. */
    public LabelPlacement() {}

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
        return "memory nodes with labels for allocations that ask for them, the others in turn";
    }

    @Override
    public Set<String> settingKeys() {
        return Set.of(DEFAULT, SPILL);
    }

    @Override
    public PlacementPolicy open(PlacementSettings settings) {
        settings.requireKnown(settingKeys());
        return new ByLabel(settings.text(DEFAULT, ""), settings.flag(SPILL, false));
    }

    private record ByLabel(String usual, boolean spill) implements PlacementPolicy {

        @Override
        public int choose(Candidates nodes, long bytes, int turn) {
            if (!nodes.wantedLabel().isEmpty()) {
                return PlacementPolicy.nextInTurn(nodes, turn); // only those that have it are eligible
            }
            int size = nodes.size();
            for (int i = 0; i < size; i++) {
                int node = turn + i < size ? turn + i : turn + i - size;
                if (nodes.eligible(node) && isUsual(nodes, node)) {
                    return node;
                }
            }
            return spill ? PlacementPolicy.nextInTurn(nodes, turn) : NONE;
        }

        private boolean isUsual(Candidates nodes, int node) {
            return usual.isEmpty() ? !nodes.labelled(node) : nodes.labelled(node, usual);
        }
    }
}
