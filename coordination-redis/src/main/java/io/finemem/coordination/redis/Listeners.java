package io.finemem.coordination.redis;

import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.Subscription;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls listeners on a thread of its own, so that a slow one delays others but never a heartbeat. Views in between
 * are left out: each call shows the newest one and what is different from the one that this listener saw before.
 */
final class Listeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    /** A listener that hangs while the directory comes and goes misses the oldest changes of status. */
    private static final int STATUSES_KEPT = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private ClusterView newest;
    private boolean closed;

    Listeners(ClusterView first) {
        newest = first;
        thread = new Thread(this::deliver, "finemem-redis-listeners");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Subscription add(ClusterListener listener) {
        Watch watch = new Watch(listener);
        watches.add(watch);
        signal();
        return watch;
    }

    void show(ClusterView view) {
        lock.lock();
        try {
            newest = view;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    void tell(CoordinationStatus status) {
        lock.lock();
        try {
            watches.forEach(watch -> watch.queue(status));
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void deliver() {
        while (awaitWork()) {
            watches.forEach(Watch::deliver);
        }
    }

    private boolean awaitWork() {
        lock.lock();
        try {
            while (!closed && watches.stream().noneMatch(Watch::behind)) {
                work.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a call in progress, but not for long, and not for itself. */
    void close(Duration patience) {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        Threads.join(thread, patience);
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }

    /** One listener. Its fields are guarded by the lock. */
    private final class Watch implements Subscription {
        private final ClusterListener listener;
        private final ArrayDeque<CoordinationStatus> statuses = new ArrayDeque<>();
        private @Nullable ClusterView seen;
        private boolean ended;

        Watch(ClusterListener listener) {
            this.listener = listener;
        }

        void queue(CoordinationStatus status) {
            if (statuses.size() == STATUSES_KEPT) {
                statuses.removeFirst();
            }
            statuses.addLast(status);
        }

        boolean behind() {
            return !ended && (seen != newest || !statuses.isEmpty());
        }

        void deliver() {
            Runnable call = next();
            try {
                call.run();
            } catch (RuntimeException e) {
                LOG.warn("a cluster listener failed", e);
            }
        }

        private Runnable next() {
            lock.lock();
            try {
                if (!behind()) {
                    return () -> {};
                }
                if (seen != newest) {
                    ClusterView before = seen == null ? ClusterView.empty() : seen;
                    ClusterView now = newest;
                    seen = now;
                    return () -> listener.changed(now, now.changesSince(before));
                }
                CoordinationStatus status = statuses.removeFirst();
                return () -> listener.statusChanged(status);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                ended = true;
            } finally {
                lock.unlock();
            }
            watches.remove(this);
        }
    }
}
