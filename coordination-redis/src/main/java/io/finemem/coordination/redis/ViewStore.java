package io.finemem.coordination.redis;

import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The view of one process. It is brought up to date with the directory, and the directory with it where the directory
 * knows less: after it lost its data, or a part of it, or when a death was declared while it was away.
 *
 * <p>Changes are made by one thread at a time, under this object's lock; that includes waiting for the directory.
 */
final class ViewStore {
    /** A directory that loses its data again and again within one look is left to the next look. */
    private static final int ROUNDS = 4;

    private static final long NONE = -1;

    private final RedisDirectory directory;
    private final Listeners listeners;
    private volatile ClusterView view = ClusterView.empty();
    private volatile long confirmedNanos = System.nanoTime();
    private final Set<OwnerIdentity> untold = new HashSet<>();
    private @Nullable String epoch;

    ViewStore(RedisDirectory directory, Listeners listeners) {
        this.directory = directory;
        this.listeners = listeners;
    }

    ClusterView view() {
        return view;
    }

    /** The highest revision known here. */
    long floor() {
        return view.revision();
    }

    /** By {@link System#nanoTime}, when the directory last confirmed the view. */
    long confirmedNanos() {
        return confirmedNanos;
    }

    /** Looks at the directory. What is shown never goes back: neither to a lower revision nor from an end to a life. */
    synchronized void refresh() {
        long known = epoch == null ? NONE : view.revision();
        for (int round = 0; round < ROUNDS; round++) {
            long asked = System.nanoTime();
            RedisDirectory.Answer answer = directory.view(floor(), known);
            if (restored(answer)) {
                known = NONE;
                continue;
            }
            epoch = answer.epoch();
            confirmedNanos = asked;
            untold.clear();
            if (answer.members() != null && answer.revision() != view.revision()) {
                show(answer.members());
            }
            return;
        }
    }

    /** Whether the directory knew less than this process, and was told. */
    private boolean restored(RedisDirectory.Answer answer) {
        if (epoch != null && !epoch.equals(answer.epoch())) {
            directory.restore(
                    floor(),
                    view.endedUpTo(),
                    view.memoryNodes().values(),
                    view.owners().values());
            epoch = answer.epoch();
            return true;
        }
        List<OwnerEntry> unknownEnds = unknownEnds(answer.members());
        if (unknownEnds.isEmpty()) {
            return false;
        }
        directory.restore(floor(), 0, List.of(), unknownEnds);
        return true;
    }

    private List<OwnerEntry> unknownEnds(@Nullable ClusterView members) {
        List<OwnerEntry> unknown = new ArrayList<>();
        if (members != null) {
            for (OwnerEntry owner : view.owners().values()) {
                if (owner.state().ended() && !knows(members, owner)) {
                    unknown.add(owner);
                }
            }
        }
        return unknown;
    }

    private static boolean knows(ClusterView members, OwnerEntry ended) {
        Optional<OwnerState> state = members.ownerState(ended.identity());
        return state.equals(Optional.of(ended.state())) || state.equals(Optional.of(OwnerState.DEAD));
    }

    /** Shows an owner as dead before the directory knows; {@link #refresh} tells it. */
    synchronized void showDead(OwnerIdentity owner) {
        if (view.ownerState(owner).equals(Optional.of(OwnerState.DEAD))) {
            return;
        }
        SortedMap<Long, OwnerEntry> owners = new TreeMap<>(view.owners());
        untold.add(owner);
        owners.put(owner.incarnation(), new OwnerEntry(owner, OwnerState.DEAD));
        show(new ClusterView(view.revision() + 1, view.memoryNodes(), owners, view.endedUpTo()));
    }

    /** Whether the directory has not been told of this death yet. */
    synchronized boolean untold(OwnerIdentity owner) {
        return untold.contains(owner);
    }

    /** The highest incarnation known here. */
    long highestIncarnation() {
        ClusterView now = view;
        return now.owners().isEmpty()
                ? now.endedUpTo()
                : Math.max(now.endedUpTo(), now.owners().lastKey());
    }

    private void show(ClusterView newer) {
        view = newer;
        listeners.show(newer);
    }
}
