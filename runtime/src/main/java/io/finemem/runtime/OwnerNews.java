package io.finemem.runtime;

import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.FineMemException;
import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationFeature;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.OwnerEntry;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What memory nodes tell each other about owners, by way of the directory: who was taken for dead by one is asked for a sign of life
 * by the others, and fenced there if none comes. It is a hint: it ends the wait for an owner that is dead, and an owner that lives
 * loses nothing by it, whatever a directory says.
 *
 * <p>All methods may be called by any thread.
 */
final class OwnerNews implements ClusterListener {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerNews.class);
    /** Deaths that nobody was told of yet; later ones are left to the leases. */
    private static final int MAX_UNTOLD = 1024;

    private final MemoryNode node;
    private final BlockingQueue<String> untold = new LinkedBlockingQueue<>(MAX_UNTOLD);

    /** @param wake makes somebody call {@link #tellDeaths} */
    OwnerNews(MemoryNode node, Runnable wake) {
        this.node = node;
        node.onOwnerDead(name -> {
            if (untold.offer(name)) {
                wake.run();
            }
        });
    }

    @Override
    public void changed(ClusterView view, List<ClusterEvent> events) {
        for (ClusterEvent event : events) {
            if (event instanceof ClusterEvent.OwnerChanged changed
                    && changed.after().equals(Optional.of(OwnerState.DEAD))) {
                node.askForLife(changed.owner().name());
            }
        }
    }

    /** Tells the directory who was taken for dead here. */
    void tellDeaths(Coordination coordination) {
        if (!coordination.features().contains(CoordinationFeature.OWNERS)) {
            return;
        }
        for (String name = untold.poll(); name != null; name = untold.poll()) {
            try {
                listed(coordination.view(), name).ifPresent(coordination::declareDead);
            } catch (CoordinationUnavailable e) {
                LOG.debug("the death of {} is left to its lease in the directory: {}", name, e.getMessage());
            } catch (FineMemException e) {
                LOG.warn("the directory was not told that {} is dead: {}", name, e.getMessage());
            }
        }
    }

    /** The owner of that name; none if several processes share it, for then nobody can tell which of them died. */
    private static Optional<OwnerIdentity> listed(ClusterView view, String name) {
        List<OwnerIdentity> named = view.owners().values().stream()
                .filter(owner -> !owner.state().ended())
                .map(OwnerEntry::identity)
                .filter(owner -> owner.name().equals(name))
                .toList();
        return named.size() == 1 ? Optional.of(named.get(0)) : Optional.empty();
    }
}
