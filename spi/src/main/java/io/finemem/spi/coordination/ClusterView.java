package io.finemem.spi.coordination;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The members of the cluster at one revision of the directory. Immutable.
 *
 * @param revision grows with each change; 0 for the empty view before the first contact
 * @param memoryNodes by name
 * @param owners by incarnation
 * @param endedUpTo owners up to this incarnation that are not listed have ended and were forgotten; 0 if none was
 */
public record ClusterView(
        long revision,
        SortedMap<String, MemoryNodeEntry> memoryNodes,
        SortedMap<Long, OwnerEntry> owners,
        long endedUpTo) {
    private static final ClusterView EMPTY = new ClusterView(0, new TreeMap<>(), new TreeMap<>(), 0);

    /** Copies the maps. */
    public ClusterView {
        memoryNodes = Collections.unmodifiableSortedMap(new TreeMap<>(memoryNodes));
        owners = Collections.unmodifiableSortedMap(new TreeMap<>(owners));
    }

    /** Nothing known. */
    public static ClusterView empty() {
        return EMPTY;
    }

    /** A memory node by its name. */
    public Optional<MemoryNodeEntry> memoryNode(String name) {
        return Optional.ofNullable(memoryNodes.get(name));
    }

    /** The memory nodes that take new owners and allocations, by name. */
    public List<MemoryNodeEntry> serving() {
        return memoryNodes.values().stream()
                .filter(node -> node.state() == MemoryNodeState.SERVING)
                .toList();
    }

    /** An owner's state, if it is known. */
    public Optional<OwnerState> ownerState(OwnerIdentity owner) {
        OwnerEntry entry = owners.get(owner.incarnation());
        if (entry != null) {
            return Optional.of(entry.state());
        }
        return owner.incarnation() <= endedUpTo ? Optional.of(OwnerState.DEAD) : Optional.empty();
    }

    /** Whether this owner was declared dead, or left: it will never live again. */
    public boolean hasEnded(OwnerIdentity owner) {
        return ownerState(owner).map(OwnerState::ended).orElse(false);
    }

    /** What is different from an older view: memory nodes by name, then owners by incarnation. */
    public List<ClusterEvent> changesSince(ClusterView older) {
        List<ClusterEvent> events = new ArrayList<>();
        for (String name : keys(older.memoryNodes, memoryNodes)) {
            Optional<MemoryNodeEntry> before = older.memoryNode(name);
            Optional<MemoryNodeEntry> after = memoryNode(name);
            if (!before.equals(after)) {
                events.add(new ClusterEvent.MemoryNodeChanged(name, before, after));
            }
        }
        for (Long incarnation : keys(older.owners, owners)) {
            Optional<OwnerEntry> before = Optional.ofNullable(older.owners.get(incarnation));
            Optional<OwnerEntry> after = Optional.ofNullable(owners.get(incarnation));
            if (!before.equals(after)) {
                events.add(ownerChanged(before, after));
            }
        }
        return events;
    }

    private static ClusterEvent ownerChanged(Optional<OwnerEntry> before, Optional<OwnerEntry> after) {
        OwnerIdentity owner = after.or(() -> before).orElseThrow().identity();
        return new ClusterEvent.OwnerChanged(owner, before.map(OwnerEntry::state), after.map(OwnerEntry::state));
    }

    private static <K> TreeSet<K> keys(Map<K, ?> older, Map<K, ?> newer) {
        TreeSet<K> keys = new TreeSet<>(older.keySet());
        keys.addAll(newer.keySet());
        return keys;
    }

    /** Whether both have the same members, whatever their revisions. */
    public boolean sameMembers(ClusterView other) {
        return Objects.equals(memoryNodes, other.memoryNodes)
                && Objects.equals(owners, other.owners)
                && endedUpTo == other.endedUpTo;
    }
}
