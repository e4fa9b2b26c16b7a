package io.finemem.spi.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.coordination.ClusterEvent.MemoryNodeChanged;
import io.finemem.spi.coordination.ClusterEvent.OwnerChanged;
import io.finemem.spi.settings.NetworkAddress;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClusterViewTest {
    private static final OwnerIdentity ALICE = new OwnerIdentity("alice", 7);

    private static MemoryNodeEntry node(String name, MemoryNodeState state) {
        return new MemoryNodeEntry(name, new NetworkAddress("h", 1), 5, "shm", 1 << 21, state);
    }

    private static ClusterView view(long endedUpTo, Object... members) {
        TreeMap<String, MemoryNodeEntry> nodes = new TreeMap<>();
        TreeMap<Long, OwnerEntry> owners = new TreeMap<>();
        for (Object member : members) {
            if (member instanceof MemoryNodeEntry node) {
                nodes.put(node.name(), node);
            } else if (member instanceof OwnerEntry owner) {
                owners.put(owner.identity().incarnation(), owner);
            }
        }
        return new ClusterView(1, nodes, owners, endedUpTo);
    }

    @Test
    void changesAreTheDifferencesOnly() {
        MemoryNodeEntry same = node("a", MemoryNodeState.SERVING);
        MemoryNodeEntry before = node("b", MemoryNodeState.SERVING);
        MemoryNodeEntry after = node("b", MemoryNodeState.DRAINING);
        ClusterView older = view(0, same, before, new OwnerEntry(ALICE, OwnerState.LIVE));
        ClusterView newer = view(0, same, after, new OwnerEntry(ALICE, OwnerState.DEAD));

        assertThat(newer.changesSince(older))
                .containsExactly(
                        new MemoryNodeChanged("b", Optional.of(before), Optional.of(after)),
                        new OwnerChanged(ALICE, Optional.of(OwnerState.LIVE), Optional.of(OwnerState.DEAD)));
        assertThat(newer.changesSince(newer)).isEmpty();
    }

    @Test
    void memberThatWasForgottenIsAChangeToNothing() {
        ClusterView older = view(0, new OwnerEntry(ALICE, OwnerState.DEAD));

        assertThat(view(7).changesSince(older))
                .containsExactly(new OwnerChanged(ALICE, Optional.of(OwnerState.DEAD), Optional.empty()));
    }

    @Test
    void ownerThatWasForgottenHasStillEnded() {
        assertThat(view(7).hasEnded(ALICE)).isTrue();
        assertThat(view(6).hasEnded(ALICE)).isFalse();
        assertThat(view(9, new OwnerEntry(ALICE, OwnerState.LIVE)).hasEnded(ALICE))
                .isFalse();
    }

    @Test
    void onlyServingNodesAreOffered() {
        ClusterView view = view(0, node("a", MemoryNodeState.JOINING), node("b", MemoryNodeState.SERVING));

        assertThat(view.serving()).extracting(MemoryNodeEntry::name).containsExactly("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-a", "a b", "a=b", "a,b", "a\nb", "a|b", "é"})
    void nameThatADirectoryCouldTripOverIsRefused(String name) {
        assertThatThrownBy(() -> new OwnerIdentity(name, 1)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void nameOfSixtyFiveCharactersIsRefused() {
        assertThat(new OwnerIdentity("n".repeat(64), 1).name()).hasSize(64);
        assertThatThrownBy(() -> new OwnerIdentity("n".repeat(65), 1)).isInstanceOf(InvalidRequest.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1L << 53})
    void incarnationOutOfRangeIsRefused(long incarnation) {
        assertThatThrownBy(() -> new OwnerIdentity("a", incarnation)).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void goneIsTheOnlyStateWithoutAWayBackToServing() {
        assertThat(MemoryNodeState.values())
                .filteredOn(state -> !state.mayBecome(MemoryNodeState.SERVING))
                .containsExactly(MemoryNodeState.GONE);
        assertThat(MemoryNodeState.SERVING.mayBecome(MemoryNodeState.JOINING)).isFalse();
    }
}
