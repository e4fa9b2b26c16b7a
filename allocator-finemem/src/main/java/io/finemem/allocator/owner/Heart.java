package io.finemem.allocator.owner;

import io.finemem.allocator.control.HeartbeatReply;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.OperationTimeout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the owner alive at its memory nodes: a heartbeat per quarter of a lease or more often, from a thread per node, so that a node
 * that does not answer costs the owner no other one. With it come settle requests, which are answered at once, and slots in
 * doubt are given to the node to be decided.
 */
final class Heart implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heart.class);
    private static final long BEATS_PER_LEASE = 4;
    /** Longest time in which a settle request or a slot in doubt goes unnoticed, however long the lease is. */
    private static final long MAX_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long HURRY_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Workers workers;
    private final List<Pulse> pulses = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    Heart(Workers workers) {
        this.workers = workers;
    }

    /** Keeps the owner alive at one more node, to which all workers are connected. */
    void add(NodeSession node) {
        Pulse pulse = new Pulse(node, new Settlement(node, workers));
        pulses.removeIf(old -> old.node.retired() && !old.thread.isAlive());
        pulses.add(pulse);
        pulse.thread.start();
    }

    /** The heartbeat of one memory node. */
    private final class Pulse {
        private final NodeSession node;
        private final Settlement settlement;
        private final List<Integer> undecided = new ArrayList<>();
        private final long intervalNanos;
        private final Thread thread;
        private volatile long requested;
        private volatile long settled;

        private Pulse(NodeSession node, Settlement settlement) {
            this.node = node;
            this.settlement = settlement;
            long interval = TimeUnit.MILLISECONDS.toNanos(node.leaseMillis()) / BEATS_PER_LEASE;
            this.intervalNanos = Math.min(interval, MAX_INTERVAL_NANOS);
            this.thread = new Thread(this::run, "finemem-heart-" + node.pool().memoryNode());
            thread.setDaemon(true);
        }

        private void run() {
            while (!closed && node.usable()) {
                boolean hurry = beat();
                LockSupport.parkNanos(this, hurry ? Math.min(HURRY_NANOS, intervalNanos) : intervalNanos);
            }
        }

        /** True if something is left to do soon. */
        boolean beat() {
            if (!node.usable() || closed) {
                return false;
            }
            try {
                boolean answered = answer(heartbeat());
                giveBackIdleStashes();
                lookAfterRevocations();
                return decide() || !answered;
            } catch (RuntimeException e) {
                if (!closed && !workers.isShut()) {
                    LOG.warn("memory node {} is lost: {}", node.pool().memoryNode(), e.getMessage());
                    node.lose(e);
                }
                return false;
            }
        }

        /** The state is noted before a settle request is answered: no worker claims there once it was waited for. */
        private long heartbeat() {
            HeartbeatReply reply = node.control().heartbeat(settled);
            node.heard(reply);
            return reply.settleRequested();
        }

        /** False if a worker was busy for so long that the request is still to be answered. */
        private boolean answer(long asked) {
            requested = asked;
            if (asked > settled && !workers.isShut()) {
                if (!settlement.settle()) {
                    return false;
                }
                settled = asked;
                heartbeat();
            }
            return true;
        }

        /** A worker that is busy now is not idle. A node that drains gets everything back. */
        private void giveBackIdleStashes() {
            for (int position = 0; position < workers.count(); position++) {
                boolean stashes = workers.get(position).lane(node).stash().capacity() > 0;
                if (stashes && workers.acquire(position, 0)) {
                    try {
                        if (node.draining()) {
                            workers.get(position).giveBackStash(node);
                        } else {
                            workers.get(position).giveBackIdleStash(node);
                        }
                    } catch (OperationTimeout e) {
                        LOG.warn("kept blocks are not given back: {}", e.getMessage());
                    } finally {
                        workers.release(position);
                    }
                }
            }
        }

        /** A worker that is busy now learns of a failed connection by itself; one that is idle would not. */
        private void lookAfterRevocations() {
            boolean strict = node.pool().isolation() == Isolation.STRICT;
            for (int position = 0; position < workers.count(); position++) {
                if (strict && !workers.isShut() && workers.acquire(position, 0)) {
                    try {
                        workers.get(position).lane(node).lookAfterRevocations();
                    } finally {
                        workers.release(position);
                    }
                }
            }
        }

        /** The next heartbeat brings the answer. */
        private void answerForAll() {
            long asked = requested;
            if (asked > settled) {
                new Settlement(node, workers).settleAll();
                settled = asked;
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

    /**
     * Answers settle requests if there are any. While the owner is being closed its heartbeats go on, but nobody else can have
     * a worker to settle with. The caller has all workers.
     */
    void answer() {
        for (Pulse pulse : pulses) {
            if (pulse.node.usable()) {
                pulse.answerForAll();
            }
        }
    }

    /** Stops the heartbeats. */
    @Override
    public void close() {
        closed = true;
        pulses.forEach(pulse -> LockSupport.unpark(pulse.thread));
        boolean interrupted = false;
        for (Pulse pulse : pulses) {
            interrupted |= awaitEnd(pulse.thread);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this thread was interrupted meanwhile. */
    private static boolean awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
