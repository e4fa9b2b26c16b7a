package io.finemem.spi.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final long HEAP = 1000;

    /** Nodes in a list; those that were chosen are not eligible any more. */
    private static final class Nodes implements Candidates {
        private final List<Set<String>> labels = new ArrayList<>();
        private final List<Long> heap = new ArrayList<>();
        private final List<Long> free = new ArrayList<>();
        private final Set<Integer> gone = new HashSet<>();
        private String wanted = "";

        Nodes with(long heapBytes, long freeBytes, String... names) {
            heap.add(heapBytes);
            free.add(freeBytes);
            labels.add(Set.of(names));
            return this;
        }

        Nodes without(int... nodes) {
            for (int node : nodes) {
                gone.add(node);
            }
            return this;
        }

        Nodes wanting(String label) {
            wanted = label;
            return this;
        }

        @Override
        public int size() {
            return heap.size();
        }

        @Override
        public boolean eligible(int node) {
            return !gone.contains(node) && (wanted.isEmpty() || labelled(node, wanted));
        }

        @Override
        public String name(int node) {
            return "mn" + node;
        }

        @Override
        public boolean labelled(int node, String label) {
            return labels.get(node).contains(label);
        }

        @Override
        public boolean labelled(int node) {
            return !labels.get(node).isEmpty();
        }

        @Override
        public long heapBytes(int node) {
            return heap.get(node);
        }

        @Override
        public long freeBytes(int node) {
            return free.get(node);
        }

        @Override
        public String wantedLabel() {
            return wanted;
        }
    }

    /** All choices of one allocation, until there is none. */
    private static List<Integer> order(PlacementPolicy policy, Nodes nodes, int turn) {
        List<Integer> order = new ArrayList<>();
        int next = turn;
        for (int node = policy.choose(nodes, 1, next);
                node != PlacementPolicy.NONE;
                node = policy.choose(nodes, 1, next)) {
            assertThat(nodes.eligible(node)).isTrue();
            order.add(node);
            nodes.without(node);
            next = (node + 1) % nodes.size();
        }
        return order;
    }

    private static PlacementPolicy policy(String name, Map<String, String> settings) {
        return Placements.discover()
                .named("finemem.client.placement", name)
                .open(PlacementSettings.of("finemem.placement." + name, settings));
    }

    private static Nodes three() {
        return new Nodes().with(HEAP, 10).with(HEAP, 500).with(HEAP, 500);
    }

    @Test
    void roundRobinGoesOnWhereTheWorkerWasAndWrapsAround() {
        PlacementPolicy policy = policy("round-robin", Map.of());

        assertThat(order(policy, three(), 0)).containsExactly(0, 1, 2);
        assertThat(order(policy, three(), 2)).containsExactly(2, 0, 1);
        assertThat(order(policy, three().without(0), 2)).containsExactly(2, 1);
        assertThat(order(policy, three().without(0, 1, 2), 1)).isEmpty();
    }

    @Test
    void leastLoadedTakesTheLargestFreeShareAndOfEqualOnesTheNextInTurn() {
        PlacementPolicy policy = policy("least-loaded", Map.of());

        assertThat(order(policy, three(), 0)).containsExactly(1, 2, 0);
        assertThat(order(policy, three(), 2)).containsExactly(2, 1, 0);
        assertThat(order(policy, three().without(1), 0)).containsExactly(2, 0);
        assertThat(order(policy, new Nodes().with(HEAP, 0).with(HEAP, 0), 1)).containsExactly(1, 0);
    }

    @Test
    void leastLoadedByBytesPrefersTheLargerNodeWhereByShareItDoesNot() {
        assertThat(order(policy("least-loaded", Map.of("by", "bytes")), sizes(), 0))
                .containsExactly(1, 0);
        assertThat(order(policy("least-loaded", Map.of("by", "share")), sizes(), 0))
                .containsExactly(0, 1);
    }

    private static Nodes sizes() {
        return new Nodes().with(1000, 900).with(100_000, 50_000);
    }

    @Test
    void labelledNodesAreKeptForThoseThatAskForTheLabel() {
        PlacementPolicy policy = policy("label", Map.of());

        assertThat(order(policy, mixed(), 0)).containsExactly(1, 3);
        assertThat(order(policy, mixed().wanting("fast"), 1)).containsExactly(2, 0);
        assertThat(order(policy, mixed().wanting("none"), 0)).isEmpty();
    }

    @Test
    void theDefaultLabelStandsForNoLabelAndSpillingLetsTheRestFollow() {
        assertThat(order(policy("label", Map.of("default", "fast")), mixed(), 0))
                .containsExactly(0, 2);
        assertThat(order(policy("label", Map.of("default", "fast", "spill", "true")), mixed(), 0))
                .containsExactly(0, 2, 3, 1);
        assertThat(order(policy("label", Map.of("spill", "true")), mixed().wanting("fast"), 0))
                .as("an allocation that asks never goes elsewhere")
                .containsExactly(0, 2);
    }

    private static Nodes mixed() {
        return new Nodes()
                .with(HEAP, 1, "fast")
                .with(HEAP, 1)
                .with(HEAP, 1, "fast", "far")
                .with(HEAP, 1);
    }

    @Test
    void unknownNamesAndSettingsAreRefusedWithWhatThereIs() {
        assertThatThrownBy(() -> policy("random", Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("finemem.client.placement = random is not valid: there is no such placement; there are "
                        + "label, least-loaded, round-robin");
        assertThatThrownBy(() -> policy("least-loaded", Map.of("by", "weight")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("finemem.placement.least-loaded.by")
                .hasMessageContaining("share or bytes");
        assertThatThrownBy(() -> policy("round-robin", Map.of("x", "1"))).isInstanceOf(InvalidConfiguration.class);
    }

    @Test
    void aProviderOfAnotherVersionOrWithATakenNameIsNotUsed() {
        Placements given = Placements.of(List.of(new RoundRobinPlacement(), new RoundRobinPlacement(), new Foreign()));

        assertThat(given.all()).hasSize(1);
        assertThat(given.broken()).hasSize(2).anyMatch(cause -> cause.contains("foreign was built for version 2"));
        assertThatThrownBy(() -> given.named("key", "foreign")).hasMessageContaining("foreign was built for version 2");
    }

    private static final class Foreign implements PlacementProvider {
        @Override
        public String name() {
            return "foreign";
        }

        @Override
        public int spiVersion() {
            return SPI_VERSION + 1;
        }

        @Override
        public String summary() {
            return "from another time";
        }

        @Override
        public Set<String> settingKeys() {
            return Set.of();
        }

        @Override
        public PlacementPolicy open(PlacementSettings settings) {
            throw new UnsupportedOperationException("never opened");
        }
    }
}
