package io.finemem.coordination.redis;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.FineMemException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Subscription to the channel of changes, on a thread of its own. It only makes things faster: whatever it misses,
 * the keeper sees at its next look. A broken subscription is made anew after a pause.
 */
final class ChangeFeed {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);

    private final RedisDirectory directory;
    private final Consumer<String> receiver;
    private final Duration pause;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private @Nullable Feed feed;
    private boolean closed;
    private boolean complained;

    /** The receiver gets each message, and an empty text when a subscription has begun. */
    ChangeFeed(RedisDirectory directory, Duration pause, Consumer<String> receiver) {
        this.directory = directory;
        this.receiver = receiver;
        this.pause = pause;
        thread = new Thread(this::listen, "finemem-redis-changes");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void listen() {
        while (true) {
            Feed next = new Feed();
            if (!begin(next)) {
                return;
            }
            try {
                directory.subscribe(next);
            } catch (FineMemException e) {
                complain(e);
            }
            if (!rest()) {
                return;
            }
        }
    }

    private boolean begin(Feed next) {
        lock.lock();
        try {
            feed = next;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void complain(FineMemException failure) {
        LOG.debug("the subscription ended: {}", failure.getMessage());
        if (!complained && failure instanceof AuthenticationFailed) {
            complained = true;
            LOG.warn(
                    "changes are seen at heartbeats only until the subscription works again: {}", failure.getMessage());
        }
    }

    private boolean rest() {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (!closed && left > 0) {
                left = ended.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Makes the server answer, so that a connection to a server that is no more there breaks. */
    void ping() {
        withFeed(JedisPubSub::ping);
    }

    /** Ends the subscription; one on a dead connection ends by its time limit. */
    void close(Duration patience) {
        lock.lock();
        try {
            closed = true;
            ended.signal();
        } finally {
            lock.unlock();
        }
        withFeed(JedisPubSub::unsubscribe);
        Threads.join(thread, patience);
    }

    private void withFeed(Consumer<JedisPubSub> action) {
        lock.lock();
        try {
            if (feed != null && feed.isSubscribed()) {
                action.accept(feed);
            }
        } catch (JedisException e) {
            LOG.debug("the subscription's connection is broken: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    /** One subscription. */
    private final class Feed extends JedisPubSub {
        @Override
        public void onMessage(String channel, String message) {
            receiver.accept(message);
        }

        @Override
        public void onSubscribe(String channel, int subscribedChannels) {
            complained = false;
            if (isClosed()) {
                unsubscribe();
                return;
            }
            receiver.accept("");
        }

        private boolean isClosed() {
            lock.lock();
            try {
                return closed;
            } finally {
                lock.unlock();
            }
        }
    }
}
