package io.finemem.allocator.owner;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.FineMemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the owner alive at its memory nodes: one heartbeat per quarter of a lease. With it come settle requests, which are
 * answered at once, and slots in doubt are given to the node to be decided.
 */
final class Heart implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heart.class);
    private static final long BEATS_PER_LEASE = 4;
    private static final long HURRY_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Workers workers;
    private final List<Pulse> pulses = new ArrayList<>();
    private final long intervalNanos;
    private final Thread thread;
    private volatile boolean closed;

    Heart(List<NodeSession> nodes, Workers workers) {
        this.workers = workers;
        for (NodeSession node : nodes) {
            pulses.add(new Pulse(node, new Settlement(node, workers)));
        }
        long lease = nodes.stream().mapToLong(NodeSession::leaseMillis).min().orElseThrow();
        intervalNanos = TimeUnit.MILLISECONDS.toNanos(lease) / BEATS_PER_LEASE;
        thread = new Thread(this::run, "finemem-heart");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!closed) {
            boolean hurry = false;
            for (Pulse pulse : pulses) {
                hurry |= pulse.beat();
            }
            LockSupport.parkNanos(this, hurry ? Math.min(HURRY_NANOS, intervalNanos) : intervalNanos);
        }
    }

    /** The heartbeat of one memory node. */
    private final class Pulse {
        private final NodeSession node;
        private final Settlement settlement;
        private final List<Integer> undecided = new ArrayList<>();
        private long settled;

        private Pulse(NodeSession node, Settlement settlement) {
            this.node = node;
            this.settlement = settlement;
        }

        /** True if something is left to do soon. */
        boolean beat() {
            if (!node.usable() || closed) {
                return false;
            }
            try {
                answer(node.control().heartbeat(settled));
                return decide();
            } catch (FineMemException e) {
                if (!closed && !workers.isShut()) {
                    LOG.warn("memory node {} is lost: {}", node.pool().memoryNode(), e.getMessage());
                    node.lose(e);
                }
                return false;
            }
        }

        private void answer(long requested) {
            if (requested > settled) {
                settlement.settle();
                settled = requested;
                node.control().heartbeat(settled);
            }
        }

        private boolean decide() {
            for (Integer slot = node.doubts().poll();
                    slot != null;
                    slot = node.doubts().poll()) {
                undecided.add(slot);
            }
            if (undecided.isEmpty()) {
                return false;
            }
            int[] asked = undecided.stream()
                    .limit(MemoryNodeControl.MAX_RESOLVED_SLOTS)
                    .mapToInt(slot -> node.slots().journalSlot(slot))
                    .toArray();
            for (int decided : node.control().resolve(asked)) {
                undecided.removeIf(slot -> node.slots().journalSlot(slot) == decided && giveBack(slot));
            }
            return !undecided.isEmpty();
        }

        private boolean giveBack(int slot) {
            node.slots().setUsed(slot, false);
            node.slots().give(new int[] {slot}, 0, 1);
            return true;
        }
    }

    /** Stops the heartbeats. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
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
