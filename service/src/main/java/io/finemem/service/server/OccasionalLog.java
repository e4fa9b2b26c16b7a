package io.finemem.service.server;

import java.time.Duration;
import org.slf4j.Logger;

/**
 * A log that peers cannot flood: so many lines per interval, then one line with the number of those left out.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class OccasionalLog {
    private final Logger log;
    private final long intervalNanos;
    private final int lines;
    private long endNanos = System.nanoTime();
    private int written;
    private long leftOut;

    /**
     * A log that has left nothing out yet.
     *
     * @param lines most lines in an interval, 1 or more
     */
    public OccasionalLog(Logger log, Duration interval, int lines) {
        this.log = log;
        this.intervalNanos = interval.toNanos();
        this.lines = lines;
    }

    /** Logs what somebody should look at, or counts it. */
    public synchronized void warn(String text) {
        if (room()) {
            log.warn("{}", text);
        }
    }

    /** Logs what is in order, or counts it. */
    public synchronized void info(String text) {
        if (room()) {
            log.info("{}", text);
        }
    }

    /** Whether lines were left out that nobody was told of yet. */
    public synchronized boolean behind() {
        return leftOut > 0;
    }

    /** Tells how many lines were left out, if the interval is over. */
    public synchronized void catchUp() {
        if (System.nanoTime() - endNanos >= 0) {
            tell();
        }
    }

    /** Tells how many lines were left out, for nothing more will be logged. */
    public synchronized void finish() {
        tell();
    }

    private boolean room() {
        long now = System.nanoTime();
        if (now - endNanos >= 0) {
            tell();
            endNanos = now + intervalNanos;
            written = 0;
        }
        if (written == lines) {
            leftOut++;
            return false;
        }
        written++;
        return true;
    }

    private void tell() {
        if (leftOut > 0) {
            log.warn("{} more lines like the last ones were left out", leftOut);
            leftOut = 0;
        }
    }
}
