package io.finemem.coordination.redis;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.coordination.Announcement;
import io.finemem.spi.coordination.Barrier;
import io.finemem.spi.coordination.ClusterListener;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationFeature;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.MemberName;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeRegistration;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.coordination.Registration;
import io.finemem.spi.coordination.Subscription;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process's access to the directory on Redis. */
final class RedisCoordination implements Coordination {
    /**
     * Incarnations begin with the server's time in microseconds: one that is further ahead was never given to anybody.
     */
    private static final long CREDIBLE_AHEAD_MICROS = TimeUnit.DAYS.toMicros(1);

    private static final Logger LOG = LoggerFactory.getLogger(RedisCoordination.class);

    private final RedisSettings settings;
    private final RedisDirectory directory;
    private final Listeners listeners = new Listeners(ClusterView.empty());
    private final ViewStore views;
    private final Link link;
    private final Keeper keeper;
    private final ChangeFeed feed;
    private final Bell bell = new Bell();
    private final List<LeasedRegistration> registrations = new CopyOnWriteArrayList<>();
    private final ReentrantLock registering = new ReentrantLock();
    private final AtomicBoolean closed = new AtomicBoolean();

    private RedisCoordination(RedisSettings settings, RedisDirectory directory) {
        this.settings = settings;
        this.directory = directory;
        views = new ViewStore(directory, listeners);
        keeper = new Keeper(settings.heartbeat(), this::round, this::roundFailed);
        link = new Link(settings.place(), listeners, this::viewAge, keeper::wake);
        feed = new ChangeFeed(directory, settings.heartbeat(), this::received);
    }

    /** Connects, looks at the directory once, and starts the background work. */
    static RedisCoordination open(RedisSettings settings) {
        RedisDirectory directory = RedisDirectory.connect(settings);
        RedisCoordination coordination = new RedisCoordination(settings, directory);
        try {
            coordination.views.refresh();
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
        coordination.listeners.start();
        coordination.keeper.start();
        coordination.feed.start();
        return coordination;
    }

    private void round() {
        boolean wasAway = !link.up();
        views.refresh();
        for (LeasedRegistration registration : registrations) {
            registration.beat(wasAway);
        }
        feed.ping();
        link.connected();
    }

    private void roundFailed(RuntimeException cause) {
        link.disconnected(cause);
    }

    private void received(String message) {
        if (message.startsWith(RedisDirectory.BARRIER)) {
            bell.ring();
        } else {
            keeper.wake();
        }
    }

    private Duration viewAge() {
        return Duration.ofNanos(System.nanoTime() - views.confirmedNanos());
    }

    @Override
    public Set<CoordinationFeature> features() {
        return EnumSet.allOf(CoordinationFeature.class);
    }

    @Override
    public CoordinationStatus status() {
        return link.status();
    }

    @Override
    public ClusterView view() {
        return views.view();
    }

    @Override
    public Subscription watch(ClusterListener listener) {
        requireOpen();
        return listeners.add(listener);
    }

    @Override
    public MemoryNodeRegistration registerMemoryNode(MemoryNodeEntry node) {
        requireOpen();
        if (node.state() != MemoryNodeState.JOINING && node.state() != MemoryNodeState.SERVING) {
            throw new InvalidRequest("a memory node is registered as JOINING or SERVING", "state", node.state());
        }
        registering.lock();
        try {
            requireNotRegisteredHere(node.name());
            RedisDirectory.NodeAnswer answer = link.call(() -> directory.announce(views.floor(), node, true));
            if (answer.outcome().equals("TAKEN")) {
                throw new InvalidConfiguration(
                        "the name of this memory node is taken by a living one;"
                                + " give each its own name, or wait until its lease ends",
                        "memoryNode",
                        node.name(),
                        "takenBy",
                        answer.holder(),
                        "leaseMillis",
                        answer.leaseMillis());
            }
            return started(new NodeHeartbeat(this, node));
        } finally {
            registering.unlock();
        }
    }

    private void requireNotRegisteredHere(String memoryNode) {
        for (LeasedRegistration registration : registrations) {
            if (registration instanceof NodeHeartbeat node
                    && node.entry().name().equals(memoryNode)
                    && node.state() != Registration.State.LOST) {
                throw new InvalidRequest(
                        "this process has registered that memory node already", "memoryNode", memoryNode);
            }
        }
    }

    @Override
    public OwnerRegistration registerOwner(String name) {
        requireOpen();
        MemberName.check(name, "an owner");
        long incarnation = link.call(() -> directory.nextIncarnation(views.floor(), views.highestIncarnation()));
        OwnerIdentity identity = new OwnerIdentity(name, incarnation);
        if (!link.call(() -> directory.announce(views.floor(), identity))) {
            throw new ProtocolViolation("the directory gave an incarnation that has ended", "owner", identity);
        }
        return started(new OwnerHeartbeat(this, identity));
    }

    private <R extends LeasedRegistration> R started(R registration) {
        registrations.add(registration);
        if (closed.get()) {
            registration.abandon();
        }
        requireOpen();
        refreshAfterwards();
        return registration;
    }

    /** Shows what was just done; if the directory goes away at this moment, the keeper will. */
    void refreshAfterwards() {
        try {
            link.call(() -> {
                views.refresh();
                return true;
            });
        } catch (CoordinationUnavailable e) {
            LOG.debug("what was just done is shown later: {}", e.getMessage());
        }
    }

    @Override
    public Announcement declareDead(OwnerIdentity owner) {
        requireOpen();
        boolean shown = views.view().ownerState(owner).equals(Optional.of(OwnerState.DEAD));
        if (shown && !views.untold(owner)) {
            return Announcement.RECORDED;
        }
        boolean given;
        try {
            given = link.call(() -> directory.end(views.floor(), owner, OwnerState.DEAD));
        } catch (CoordinationUnavailable e) {
            requireGiven(credible(owner), owner);
            views.showDead(owner);
            return Announcement.PENDING;
        }
        requireGiven(given, owner);
        views.showDead(owner);
        refreshAfterwards();
        return Announcement.RECORDED;
    }

    private boolean credible(OwnerIdentity owner) {
        long micros = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
        return owner.incarnation() <= Math.max(views.highestIncarnation(), micros + CREDIBLE_AHEAD_MICROS);
    }

    private static void requireGiven(boolean given, OwnerIdentity owner) {
        if (!given) {
            throw new InvalidRequest(
                    "this incarnation was never given to an owner", "incarnation", owner.incarnation());
        }
    }

    @Override
    public Barrier barrier(String name, int parties) {
        requireOpen();
        MemberName.check(name, "a barrier");
        if (parties < 1) {
            throw new InvalidRequest("a barrier has 1 party or more", "parties", parties);
        }
        return new RedisBarrier(this, name, parties);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            keeper.close(patience());
            registrations.forEach(LeasedRegistration::close);
            end();
        }
    }

    /** Ends without a word to the directory: what the death of the process looks like to others. */
    void abandon() {
        if (closed.compareAndSet(false, true)) {
            keeper.close(patience());
            registrations.forEach(LeasedRegistration::abandon);
            end();
        }
    }

    private void end() {
        link.closed();
        bell.ring();
        feed.close(settings.timeout());
        listeners.close(settings.timeout());
        directory.close();
    }

    /** A call that has begun ends within this time. */
    private Duration patience() {
        return settings.timeout().multipliedBy(2);
    }

    void requireOpen() {
        if (closed.get()) {
            throw new MemoryClosed("this coordination was closed");
        }
    }

    void forget(LeasedRegistration registration) {
        registrations.remove(registration);
    }

    RedisSettings settings() {
        return settings;
    }

    RedisDirectory directory() {
        return directory;
    }

    ViewStore views() {
        return views;
    }

    Link link() {
        return link;
    }

    Bell bell() {
        return bell;
    }
}
