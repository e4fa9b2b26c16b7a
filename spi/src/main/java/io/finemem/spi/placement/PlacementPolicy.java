package io.finemem.spi.placement;

/**
 * Chooses a memory node.
 *
 * <p>It is called for every allocation, by many threads at a time, so it must be pure: what it answers depends on its arguments
 * only, it blocks nowhere and makes no objects.
 */
@FunctionalInterface
public interface PlacementPolicy {
    /** None of those that are left is to be tried. */
    int NONE = -1;

    /**
     * Chooses a node that is {@linkplain Candidates#eligible eligible}. If that one has no room it is called again, and the node
     * is not eligible any more.
     *
     * @param bytes length of the block, 1 or more
     * @param turn number of the node after the one that the calling worker has tried last, 0 to {@code size() - 1}; workers begin with
     *     different ones
     * @return the number of an eligible node, or {@link #NONE}: then the allocation finds no room
     */
    int choose(Candidates candidates, long bytes, int turn);

    /**
     * The first eligible node from {@code turn} on, wrapping around; what most policies do with nodes that are equally good.
     *
     * @return its number, or {@link #NONE}
     */
    static int nextInTurn(Candidates candidates, int turn) {
        int size = candidates.size();
        for (int i = 0; i < size; i++) {
            int node = turn + i < size ? turn + i : turn + i - size;
            if (candidates.eligible(node)) {
                return node;
            }
        }
        return NONE;
    }
}
