package io.finemem.coordination.redis;

import java.time.Duration;

/** Waiting for the end of a background thread. */
final class Threads {
    private Threads() {}

    /** Waits for the thread's end, at most for this long; not at all if it is the calling one. */
    static void join(Thread thread, Duration patience) {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(Math.max(1, patience.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
