package io.finemem.allocator.owner;

import io.finemem.api.ProtocolViolation;
import io.finemem.spi.placement.Candidates;
import io.finemem.spi.placement.PlacementPolicy;

/**
 * Which lane a worker tries next: asks the placement about the nodes that serve, have the wanted label and were not tried yet. Made
 * once per worker.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class NodeChoice implements Candidates {
    private final PlacementPolicy policy;
    private Lane[] lanes = {};
    private boolean[] tried = {};
    private String label = "";
    private int turn;

    /**
     * A choice among no lanes.
     *
     * @param firstTurn the node that a policy which goes in turn begins with
     */
    NodeChoice(PlacementPolicy policy, int firstTurn) {
        this.policy = policy;
        this.turn = firstTurn;
    }

    /** Begins anew: no lane was tried. */
    void begin(Lane[] all, String wantedLabel) {
        if (tried.length < all.length) {
            tried = new boolean[all.length];
        }
        for (int i = 0; i < all.length; i++) {
            tried[i] = false;
        }
        lanes = all;
        label = wantedLabel;
    }

    /** The next lane to try, which counts as tried, or {@link PlacementPolicy#NONE}. */
    int next(long bytes) {
        int chosen = policy.choose(this, bytes, turn < lanes.length ? turn : 0);
        if (chosen == PlacementPolicy.NONE) {
            return chosen;
        }
        if (chosen < 0 || chosen >= lanes.length || tried[chosen]) {
            throw new ProtocolViolation(
                    "the placement chose a memory node that was not eligible", "placement", policy, "node", chosen);
        }
        tried[chosen] = true;
        turn = chosen + 1 == lanes.length ? 0 : chosen + 1;
        return chosen;
    }

    @Override
    public int size() {
        return lanes.length;
    }

    @Override
    public boolean eligible(int node) {
        NodeSession session = lanes[node].node();
        return !tried[node] && session.accepts() && (label.isEmpty() || session.labelled(label));
    }

    @Override
    public String name(int node) {
        return lanes[node].node().pool().memoryNode();
    }

    @Override
    public boolean labelled(int node, String wanted) {
        return lanes[node].node().labelled(wanted);
    }

    @Override
    public boolean labelled(int node) {
        return !lanes[node].node().pool().labels().isEmpty();
    }

    @Override
    public long heapBytes(int node) {
        return lanes[node].node().layout().heapBytes();
    }

    @Override
    public long freeBytes(int node) {
        return lanes[node].freeBytes();
    }

    @Override
    public String wantedLabel() {
        return label;
    }
}
