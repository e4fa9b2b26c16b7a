package io.finemem.coordination.redis;

import io.finemem.api.MemoryClosed;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.Registration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registration whose lease the keeper keeps alive. Announcements of one registration are made one after the other,
 * so that a late heartbeat cannot undo a newer announcement.
 */
abstract class LeasedRegistration implements Registration {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedRegistration.class);

    final RedisCoordination coordination;
    private final ReentrantLock announcing = new ReentrantLock();
    private volatile long confirmedNanos = System.nanoTime();
    private volatile boolean lost;
    private volatile boolean closed;

    LeasedRegistration(RedisCoordination coordination) {
        this.coordination = coordination;
    }

    /** Tells the directory; false if it refuses for ever. */
    abstract boolean announce();

    /** Tells the directory that this ends in good order. */
    abstract void retire();

    /** Whether this process knows already that it was refused for ever. */
    abstract boolean refused();

    /**
     * Announces, unless it was ended, or was confirmed less than half a heartbeat ago and {@code always} is not asked
     * for.
     */
    final void beat(boolean always) {
        announcing.lock();
        try {
            long age = System.nanoTime() - confirmedNanos;
            if (!closed
                    && !lost
                    && (always || age >= coordination.settings().heartbeat().toNanos() / 2)) {
                beatNow();
            }
        } finally {
            announcing.unlock();
        }
    }

    /** For holders of the lock. */
    final void beatNow() {
        long asked = System.nanoTime();
        if (announce()) {
            confirmedNanos = asked;
        } else {
            lost = true;
        }
    }

    /** Does something to a registration that still stands; the keeper does not beat for it meanwhile. */
    final <T> T whileOpen(Supplier<T> action) {
        announcing.lock();
        try {
            if (closed || lost) {
                throw new MemoryClosed("this registration is " + state());
            }
            return action.get();
        } finally {
            announcing.unlock();
        }
    }

    @Override
    public final State state() {
        if (closed) {
            return State.CLOSED;
        }
        if (lost || refused()) {
            return State.LOST;
        }
        long age = System.nanoTime() - confirmedNanos;
        return age <= coordination.settings().lease().toNanos() ? State.ACTIVE : State.UNCONFIRMED;
    }

    @Override
    public final void close() {
        announcing.lock();
        try {
            if (closed) {
                return;
            }
            boolean stands = state() != State.LOST;
            closed = true;
            if (stands) {
                withdraw();
            }
        } finally {
            announcing.unlock();
            coordination.forget(this);
        }
    }

    private void withdraw() {
        try {
            coordination.link().call(() -> {
                retire();
                return true;
            });
            coordination.refreshAfterwards();
        } catch (CoordinationUnavailable | MemoryClosed e) {
            LOG.info("{} could not be withdrawn, its lease will run out: {}", this, e.getMessage());
        }
    }

    /** Closes it without a word to the directory, as the end of the process would. */
    final void abandon() {
        closed = true;
    }
}
