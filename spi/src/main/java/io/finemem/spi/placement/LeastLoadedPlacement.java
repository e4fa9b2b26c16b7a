package io.finemem.spi.placement;

import java.util.Set;

/**
 * The node with the largest share of its memory free, or with the most bytes free; of equal ones the next in turn.
 *
 * <p>Keys: {@code by}, {@code share} (default) or {@code bytes}.
 */
public final class LeastLoadedPlacement implements PlacementProvider {
    /** Its name. */
    public static final String NAME = "least-loaded";

    private static final String BY = "by";
    private static final String SHARE = "share";
    private static final String BYTES = "bytes";

    /** Made by {@link java.util.ServiceLoader}. */
    public LeastLoadedPlacement() {}

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
        return "the memory node with the most free memory, as told by its latest heartbeat";
    }

    @Override
    public Set<String> settingKeys() {
        return Set.of(BY);
    }

    @Override
    public PlacementPolicy open(PlacementSettings settings) {
        settings.requireKnown(settingKeys());
        String by = settings.text(BY, SHARE);
        return switch (by) {
            case SHARE -> LeastLoadedPlacement::largestShare;
            case BYTES -> LeastLoadedPlacement::mostBytes;
            default -> throw settings.invalid(BY, by, SHARE + " or " + BYTES);
        };
    }

    private static int largestShare(Candidates nodes, long bytes, int turn) {
        int best = PlacementPolicy.NONE;
        double most = -1;
        int size = nodes.size();
        for (int i = 0; i < size; i++) {
            int node = turn + i < size ? turn + i : turn + i - size;
            if (nodes.eligible(node)) {
                double share = (double) nodes.freeBytes(node) / nodes.heapBytes(node);
                best = share > most ? node : best;
                most = Math.max(most, share);
            }
        }
        return best;
    }

    private static int mostBytes(Candidates nodes, long bytes, int turn) {
        int best = PlacementPolicy.NONE;
        long most = -1;
        int size = nodes.size();
        for (int i = 0; i < size; i++) {
            int node = turn + i < size ? turn + i : turn + i - size;
            if (nodes.eligible(node)) {
                long free = nodes.freeBytes(node);
                best = free > most ? node : best;
                most = Math.max(most, free);
            }
        }
        return best;
    }
}
