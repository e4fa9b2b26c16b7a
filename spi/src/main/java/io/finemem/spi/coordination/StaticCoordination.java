package io.finemem.spi.coordination;

import io.finemem.api.MemoryClosed;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A view that never changes: the configured nodes, taken for serving; connecting to one shows whether it is. */
final class StaticCoordination implements Coordination {
    private static final long ONLY_REVISION = 1;
    private static final String REMEDY = "configure finemem.coordination.provider = redis, or do without";

    private final ClusterView view;
    private volatile boolean closed;

    StaticCoordination(SortedMap<String, MemoryNodeEntry> nodes) {
        this.view = new ClusterView(ONLY_REVISION, nodes, new TreeMap<>(), 0);
    }

    @Override
    public Set<CoordinationFeature> features() {
        return EnumSet.noneOf(CoordinationFeature.class);
    }

    @Override
    public CoordinationStatus status() {
        CoordinationStatus.State state = closed ? CoordinationStatus.State.CLOSED : CoordinationStatus.State.CONNECTED;
        return new CoordinationStatus(state, Duration.ZERO, "list in the configuration");
    }

    @Override
    public ClusterView view() {
        return view;
    }

    @Override
    public Subscription watch(ClusterListener listener) {
        requireOpen();
        try {
            listener.changed(view, view.changesSince(ClusterView.empty()));
        } catch (RuntimeException e) {
            System.getLogger(StaticCoordination.class.getName())
                    .log(System.Logger.Level.WARNING, "a cluster listener failed", e);
        }
        return () -> {};
    }

    @Override
    public MemoryNodeRegistration registerMemoryNode(MemoryNodeEntry node) {
        throw unsupported(CoordinationFeature.REGISTRATION);
    }

    @Override
    public OwnerRegistration registerOwner(String name) {
        throw unsupported(CoordinationFeature.OWNERS);
    }

    @Override
    public Announcement declareDead(OwnerIdentity owner) {
        throw unsupported(CoordinationFeature.OWNERS);
    }

    @Override
    public Barrier barrier(String name, int parties) {
        throw unsupported(CoordinationFeature.BARRIERS);
    }

    @Override
    public void close() {
        closed = true;
    }

    private CoordinationUnsupported unsupported(CoordinationFeature feature) {
        requireOpen();
        return new CoordinationUnsupported(StaticCoordinationProvider.NAME, feature, REMEDY);
    }

    private void requireOpen() {
        if (closed) {
            throw new MemoryClosed("this coordination was closed");
        }
    }
}
