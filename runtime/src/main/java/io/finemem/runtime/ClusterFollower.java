package io.finemem.runtime;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.api.FineMemException;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.spi.coordination.ClusterEvent;
import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.MemoryNodeEntry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an allocator use every memory node that serves: those that are new, those that did not answer before, and those that were
 * lost and have come back. It takes none away: the allocator learns from its heartbeats that a node is lost, or drains.
 *
 * <p>It works in a thread of its own; whoever tells it of changes never waits for a memory node.
 */
final class ClusterFollower implements ClusterListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterFollower.class);

    private final Function<MemoryNodeAddress, MemoryNodeControl> sessions;
    private final FineMemAllocator memory;
    private final Duration pause;
    private final Set<String> failing = new HashSet<>();
    private final Object signal = new Object();
    private final Thread thread;
    private ClusterView view = ClusterView.empty();
    private boolean changed;
    private volatile boolean closed;

    /**
     * Begins to follow; it knows no node yet.
     *
     * @param sessions opens a session with a memory node, whose name it has checked
     * @param pause between attempts
     */
    ClusterFollower(Function<MemoryNodeAddress, MemoryNodeControl> sessions, FineMemAllocator memory, Duration pause) {
        this.sessions = sessions;
        this.memory = memory;
        this.pause = pause;
        this.thread = new Thread(this::run, "finemem-follower");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void changed(ClusterView newest, List<ClusterEvent> events) {
        synchronized (signal) {
            view = newest;
            changed = true;
            signal.notifyAll();
        }
    }

    private void run() {
        try {
            while (!closed) {
                for (MemoryNodeEntry node : next().serving()) {
                    follow(node);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no longer following memory nodes");
        }
    }

    /** The view, once it has changed or the pause is over: what was lost may be back. */
    private ClusterView next() throws InterruptedException {
        synchronized (signal) {
            if (!changed) {
                signal.wait(pause.toMillis());
            }
            changed = false;
            return view;
        }
    }

    private void follow(MemoryNodeEntry node) {
        if (closed || isUsed(node)) {
            return;
        }
        try {
            memory.join(sessions.apply(MemoryNodeAddress.of(node)));
            failing.remove(node.name());
        } catch (FineMemException e) {
            if (!closed && failing.add(node.name())) {
                LOG.warn("memory node {} cannot be used yet, and is tried again: {}", node.name(), e.getMessage());
            }
        } catch (RuntimeException e) {
            LOG.error("memory node {} cannot be used, because of a defect", node.name(), e);
        }
    }

    private boolean isUsed(MemoryNodeEntry node) {
        Optional<NodeStatus> known = memory.nodes().stream()
                .filter(status -> status.memoryNode().equals(node.name()))
                .findFirst();
        return known.isPresent()
                && known.get().usable()
                && (node.bootNonce() == 0 || node.bootNonce() == known.get().bootNonce());
    }

    /** Follows no longer; an attempt under way is broken off. Later calls do nothing. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
