package io.finemem.tck.coordination;

import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Listener that remembers all that it was told. */
final class ChangeLog implements ClusterListener {
    private final List<ClusterView> views = new ArrayList<>();
    private final List<ClusterEvent> events = new ArrayList<>();
    private final List<CoordinationStatus.State> states = new ArrayList<>();

    @Override
    public synchronized void changed(ClusterView view, List<ClusterEvent> changes) {
        views.add(view);
        events.addAll(changes);
    }

    @Override
    public synchronized void statusChanged(CoordinationStatus status) {
        states.add(status.state());
    }

    synchronized List<ClusterView> views() {
        return List.copyOf(views);
    }

    synchronized List<CoordinationStatus.State> states() {
        return List.copyOf(states);
    }

    /** States that this owner went through, in order. */
    synchronized List<OwnerState> statesOf(OwnerIdentity owner) {
        return events.stream()
                .filter(event -> event instanceof ClusterEvent.OwnerChanged changed
                        && changed.owner().equals(owner))
                .map(event -> ((ClusterEvent.OwnerChanged) event).after())
                .flatMap(Optional::stream)
                .toList();
    }

    /** States that this memory node went through, in order, without repetition. */
    synchronized List<MemoryNodeState> statesOf(String memoryNode) {
        List<MemoryNodeState> went = new ArrayList<>();
        for (ClusterEvent event : events) {
            if (event instanceof ClusterEvent.MemoryNodeChanged changed
                    && changed.name().equals(memoryNode)) {
                changed.after()
                        .map(MemoryNodeEntry::state)
                        .filter(state -> went.isEmpty() || went.get(went.size() - 1) != state)
                        .ifPresent(went::add);
            }
        }
        return went;
    }
}
