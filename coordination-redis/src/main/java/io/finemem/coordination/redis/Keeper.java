package io.finemem.coordination.redis;

import io.finemem.api.FineMemException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that looks at the view and beats for the registrations: once per heartbeat, at once when woken, and with
 * growing, random pauses while the directory cannot be reached.
 */
final class Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private final Duration heartbeat;
    private final Runnable round;
    private final Consumer<RuntimeException> failed;
    private final Thread thread;
    private boolean wake;
    private boolean closed;

    /**
     * A keeper that is not started.
     *
     * @param round one look and the beats that are due; throws if the directory cannot be reached
     * @param failed is told what a round threw
     */
    Keeper(Duration heartbeat, Runnable round, Consumer<RuntimeException> failed) {
        this.heartbeat = heartbeat;
        this.round = round;
        this.failed = failed;
        thread = new Thread(this::run, "finemem-redis-keeper");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Makes the next round begin now. */
    void wake() {
        lock.lock();
        try {
            wake = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_NANOS;
        long wait = heartbeat.toNanos();
        while (rest(wait)) {
            if (attempt()) {
                pause = FIRST_PAUSE_NANOS;
                wait = heartbeat.toNanos();
            } else {
                wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
                pause = Math.min(pause * 2, heartbeat.toNanos());
            }
        }
    }

    private boolean attempt() {
        try {
            round.run();
            return true;
        } catch (FineMemException e) {
            failed.accept(e);
        } catch (RuntimeException e) {
            LOG.error("a round of the keeper failed in an unexpected way; it goes on", e);
            failed.accept(e);
        }
        return false;
    }

    /** False once closed. */
    private boolean rest(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && !wake && left > 0) {
                left = woken.awaitNanos(left);
            }
            wake = false;
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    void close(Duration patience) {
        lock.lock();
        try {
            closed = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
        Threads.join(thread, patience);
    }
}
