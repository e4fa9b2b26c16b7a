package io.finemem.runtime.trace;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What one replaying party did and found. Filled by one thread. */
public final class ReplayTally {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final int FAILURES_IN_WORDS = 5;

    private final Histogram allocateNanos = new Histogram(SIGNIFICANT_DIGITS);
    private final Histogram freeNanos = new Histogram(SIGNIFICANT_DIGITS);
    private final List<String> firstFailures = new ArrayList<>();
    private long allocations;
    private long frees;
    private long failures;
    private long checkedBytes;
    private long replayedEvents;
    private long recordedEvents;

    /** Successful allocations. */
    public long allocations() {
        return allocations;
    }

    /** Frees. */
    public long frees() {
        return frees;
    }

    /** Latencies of successful allocations in nanoseconds, since they were {@linkplain TraceReplay#forgetLatencies forgotten}. */
    public Histogram allocateNanos() {
        return allocateNanos;
    }

    /** Latencies of frees in nanoseconds, as above. */
    public Histogram freeNanos() {
        return freeNanos;
    }

    /** Blocks that were overwritten, and calls that threw. */
    public long failures() {
        return failures;
    }

    /** The first few failures in words. */
    public List<String> firstFailures() {
        return List.copyOf(firstFailures);
    }

    /** Bytes that were written, read back and found right. */
    public long checkedBytes() {
        return checkedBytes;
    }

    /** Events of the traces that were replayed. */
    public long replayedEvents() {
        return replayedEvents;
    }

    /** Events that the traces have. */
    public long recordedEvents() {
        return recordedEvents;
    }

    /** Successful allocations and frees. */
    public long operations() {
        return allocations + frees;
    }

    void allocated(long nanos) {
        allocations++;
        allocateNanos.recordValue(nanos);
    }

    void freed(long nanos) {
        frees++;
        freeNanos.recordValue(nanos);
    }

    void forgetLatencies() {
        allocateNanos.reset();
        freeNanos.reset();
    }

    void failed(String what) {
        failures++;
        if (firstFailures.size() < FAILURES_IN_WORDS) {
            firstFailures.add(what);
        }
    }

    void checked(long bytes) {
        checkedBytes += bytes;
    }

    void replayed(long done, long recorded) {
        replayedEvents += done;
        recordedEvents += recorded;
    }
}
