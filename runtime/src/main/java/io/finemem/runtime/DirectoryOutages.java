package io.finemem.runtime;

import java.util.function.LongSupplier;

/**
 * When the directory was away, as this process saw it. One that is not there at the start is away from then on.
 *
 * <p>All methods may be called by any thread.
 */
final class DirectoryOutages {
    private final LongSupplier nanoTime;
    private long count;
    private boolean away;
    private long lostAt;
    private long latestNanos;

    DirectoryOutages() {
        this(System::nanoTime);
    }

    /** @param nanoTime a clock like {@link System#nanoTime} */
    DirectoryOutages(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The directory is away; says nothing new while it was. */
    synchronized void lost() {
        if (!away) {
            away = true;
            count++;
            lostAt = nanoTime.getAsLong();
        }
    }

    /** The directory is there; says nothing new while it was. */
    synchronized void back() {
        if (away) {
            away = false;
            latestNanos = nanoTime.getAsLong() - lostAt;
        }
    }

    /** Whether the directory is away. */
    synchronized boolean away() {
        return away;
    }

    /** How often it was lost, or not there at the start. */
    synchronized long count() {
        return count;
    }

    /** Duration of the latest outage; if it is away, until now; 0 without one. */
    synchronized long latestNanos() {
        return away ? nanoTime.getAsLong() - lostAt : latestNanos;
    }
}
