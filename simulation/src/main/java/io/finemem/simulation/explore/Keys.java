package io.finemem.simulation.explore;

import io.finemem.allocator.layout.CapabilityWord;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.recovery.Revoker;
import io.finemem.simulation.step.PostedChain;
import java.util.ArrayList;
import java.util.List;

/**
 * Strict isolation: the windows of all blocks that a scenario can have, and which of them the procedure under way wants to be
 * bound anew. What it asks for stands in front of its next chain, each binding and each storing of an rkey a step.
 */
final class Keys implements Revoker {
    /**
     * A block that can be.
     *
     * @param chunks whether it lies inside a span, or else consists of spans
     * @param unit span, or section
     * @param mask chunks, or spans
     * @param node in the buddy tree
     * @param offset of the word with its rkey
     */
    record Node(boolean chunks, int unit, int mask, int node, long offset) {}

    private final List<Node> nodes;
    private final List<Integer> named = new ArrayList<>();
    private final List<Integer> revoked = new ArrayList<>();

    Keys(List<Node> nodes) {
        this.nodes = nodes;
    }

    static List<Node> nodes(Scenario scenario, MetadataLayout layout) {
        List<Node> nodes = new ArrayList<>();
        if (!scenario.strict()) {
            return nodes;
        }
        for (int span = 0; span < scenario.spans(); span++) {
            for (int order : scenario.orders()) {
                for (int chunk = 0; chunk < Geometry.CHUNKS_PER_SPAN; chunk += 1 << order) {
                    int node = CapabilityWord.node(chunk, order);
                    nodes.add(new Node(true, span, Geometry.mask(chunk, order), node, layout.capability(span, node)));
                }
            }
        }
        for (int order : scenario.spanOrders()) {
            for (int span = 0; span + (1 << order) <= scenario.spans(); span += 1 << order) {
                int node = CapabilityWord.spanNode(span, order);
                nodes.add(new Node(false, 0, Geometry.spanMask(span, order), node, layout.spanCapability(0, node)));
            }
        }
        return nodes;
    }

    @Override
    public void chunks(int span, int mask) {
        name(true, span, mask, false);
    }

    @Override
    public void spans(int section, int mask) {
        name(false, section, mask, false);
    }

    @Override
    public void block(int span, int mask) {
        name(true, span, mask, true);
    }

    @Override
    public void spanBlock(int section, int mask) {
        name(false, section, mask, true);
    }

    private void name(boolean chunks, int unit, int mask, boolean exactly) {
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            boolean within = (node.mask & mask) == node.mask && (!exactly || node.mask == mask);
            if (node.chunks == chunks && node.unit == unit && within) {
                named.add(i);
            }
        }
    }

    @Override
    public void revoke() {
        revoked.addAll(named);
        named.clear();
    }

    /** Puts what is to be done with windows in front of a chain: all are bound, then all rkeys stored. */
    void putBefore(PostedChain chain) {
        for (int i = 0; i < revoked.size(); i++) {
            int node = revoked.get(i);
            chain.insert(i, PostedChain.BIND, nodes.get(node).offset, node, 0);
            chain.insert(2 * i + 1, PostedChain.PUBLISH, nodes.get(node).offset, node, 0);
        }
        revoked.clear();
    }
}
