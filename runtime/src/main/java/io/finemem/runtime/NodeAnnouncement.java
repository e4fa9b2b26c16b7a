package io.finemem.runtime;

import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.FineMemException;
import io.finemem.runtime.config.CoordinationChoice;
import io.finemem.spi.coordination.CoordinationProviders;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeRegistration;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.Registration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a memory node listed in the directory, from a thread of its own. A directory that is away when the node starts keeps nobody
 * from using the node: it is listed when the directory is there.
 *
 * <p>All methods may be called by any thread.
 */
final class NodeAnnouncement implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeAnnouncement.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final CoordinationChoice choice;
    private final MemoryNodeEntry entry;
    private final OwnerNews news;
    private final DirectoryOutages outages;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private MemoryNodeState wanted;
    private boolean wake;
    private boolean closed;

    /** Of the thread that announces; of the one that opens before. */
    private volatile @Nullable Directory directory;

    private @Nullable MemoryNodeRegistration registration;
    private String lastTrouble = "";

    private NodeAnnouncement(
            CoordinationChoice choice, MemoryNodeEntry entry, MemoryNode node, DirectoryOutages outages) {
        this.outages = outages;
        this.choice = choice;
        this.entry = entry;
        this.wanted = entry.state();
        this.news = new OwnerNews(node, this::wake);
        this.thread = new Thread(this::run, "finemem-directory-" + entry.name());
        thread.setDaemon(true);
    }

    /**
     * Announces the node, now or as soon as the directory can be reached.
     *
     * @param outages where outages are noted
     * @throws io.finemem.api.InvalidConfiguration if the settings are not usable
     * @throws io.finemem.api.AuthenticationFailed if the directory refuses the user
     */
    static NodeAnnouncement begin(
            CoordinationChoice choice, MemoryNodeEntry entry, MemoryNode node, DirectoryOutages outages) {
        NodeAnnouncement announcement = new NodeAnnouncement(choice, entry, node, outages);
        try {
            announcement.openDirectory();
        } catch (CoordinationUnavailable e) {
            outages.lost();
            LOG.warn(
                    "memory node {} serves, and is listed when the directory is there: {}",
                    entry.name(),
                    e.getMessage());
        }
        announcement.attempt();
        announcement.thread.start();
        return announcement;
    }

    /** Announces another state of the node. */
    void state(MemoryNodeState state) {
        lock.lock();
        try {
            wanted = state;
        } finally {
            lock.unlock();
        }
        wake();
    }

    private void wake() {
        lock.lock();
        try {
            wake = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        boolean done = registration != null;
        while (rest(done)) {
            done = attempt();
        }
    }

    /** Until woken, or if something is left to do, for a moment; false once closed. */
    private boolean rest(boolean done) {
        lock.lock();
        try {
            long left = RETRY.toNanos();
            while (!closed && !wake && (done || left > 0)) {
                if (done) {
                    woken.await();
                } else {
                    left = woken.awaitNanos(left);
                }
            }
            wake = false;
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** False if something is left to do. */
    private boolean attempt() {
        try {
            if (directory == null) {
                openDirectory();
            }
            announce();
            lastTrouble = "";
            return true;
        } catch (FineMemException e) {
            String trouble = String.valueOf(e.getMessage());
            if (directory != null && !trouble.equals(lastTrouble)) {
                LOG.warn("memory node {} is not listed yet: {}", entry.name(), trouble);
            }
            lastTrouble = trouble;
        } catch (RuntimeException e) {
            LOG.error("memory node {} cannot be announced, in an unexpected way; it is tried again", entry.name(), e);
        }
        return false;
    }

    private void openDirectory() {
        Directory opened = Directory.open(CoordinationProviders.discover(), choice, List.of(), outages);
        directory = opened;
        opened.coordination().watch(news);
    }

    private void announce() {
        Directory opened = directory;
        if (opened == null) {
            return;
        }
        MemoryNodeRegistration present = registration;
        if (present == null) {
            present = opened.coordination().registerMemoryNode(entry);
            registration = present;
            LOG.info(
                    "memory node {} is listed in {}",
                    entry.name(),
                    opened.coordination().status().detail());
        }
        MemoryNodeState next = wanted();
        if (present.state() != Registration.State.LOST && present.entry().state() != next) {
            present.update(next);
        }
        news.tellDeaths(opened.coordination());
    }

    private MemoryNodeState wanted() {
        lock.lock();
        try {
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    /** Takes the node out of the directory, as far as that can be reached in time. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, PATIENCE.toNanos());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        Directory opened = directory;
        if (opened != null) {
            opened.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
