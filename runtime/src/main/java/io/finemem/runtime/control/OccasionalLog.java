package io.finemem.runtime.control;

import java.time.Duration;
import org.slf4j.Logger;

/**
 * A log that strangers cannot flood: at most one line per interval, with the number of lines left out since the last
 * one.
 */
final class OccasionalLog {
    private final Logger log;
    private final long intervalNanos;
    private long nextNanos = System.nanoTime();
    private long leftOut;

    OccasionalLog(Logger log, Duration interval) {
        this.log = log;
        this.intervalNanos = interval.toNanos();
    }

    synchronized void warn(String text) {
        if (System.nanoTime() - nextNanos < 0) {
            leftOut++;
            return;
        }
        String others = leftOut == 0 ? "" : " (and " + leftOut + " more like it)";
        log.warn("{}{}", text, others);
        leftOut = 0;
        nextNanos = System.nanoTime() + intervalNanos;
    }
}
