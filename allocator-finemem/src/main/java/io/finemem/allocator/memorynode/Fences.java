package io.finemem.allocator.memorynode;

import io.finemem.allocator.event.FenceEvent;
import io.finemem.api.FineMemException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fences owners, several at the same time, so that one that does not come to rest delays no other's recovery. Any thread; no call
 * waits.
 */
final class Fences implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Fences.class);

    private final MemoryNodeOptions options;
    private final RecoveryCounters counters;
    private final Runnable done;
    private final ExecutorService threads;
    /** Owners that are being fenced. */
    private final Set<Integer> fencing = ConcurrentHashMap.newKeySet();

    /** @param done called after every attempt */
    Fences(MemoryNodeOptions options, RecoveryCounters counters, Runnable done) {
        this.options = options;
        this.counters = counters;
        this.done = done;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread fence = new Thread(task, "finemem-fence-" + options.name());
            fence.setDaemon(true);
            return fence;
        });
    }

    /** Cuts an owner off from the metadata, once. */
    void fenceMetadata(OwnerRecord owner) {
        threads.execute(() -> {
            try {
                owner.fenceMetadata(options.fenceTimeout().toNanos());
            } catch (FineMemException e) {
                LOG.warn("{} cannot be cut off from the metadata yet: {}", owner, e.getMessage());
            }
        });
    }

    /** Cuts off those that are to be fenced and are not being fenced yet. */
    void fenceTheDead(Collection<OwnerRecord> owners) {
        for (OwnerRecord owner : owners) {
            if (owner.state() == OwnerState.FENCING && fencing.add(owner.id())) {
                threads.execute(() -> fence(owner));
            }
        }
    }

    private void fence(OwnerRecord owner) {
        FenceEvent event = new FenceEvent();
        event.begin();
        boolean completed = false;
        try {
            owner.fenceAll(options.fenceTimeout().toNanos());
            completed = true;
        } catch (FineMemException e) {
            LOG.warn("{} cannot be fenced yet: {}", owner, e.getMessage());
        } finally {
            counters.fenced(completed);
            event.done(options.name(), owner.id(), completed);
            if (completed) {
                owner.setState(OwnerState.FENCED);
            }
            fencing.remove(owner.id());
            done.run();
        }
    }

    /** Begins no more; one under way ends within its time limit, or is repeated by who closes the connections. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
