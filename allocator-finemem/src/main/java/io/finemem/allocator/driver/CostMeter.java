package io.finemem.allocator.driver;

/** Counts what one worker posted. Used by the thread that holds the worker. */
public final class CostMeter {
    private long doorbells;
    private long roundTrips;
    private long verbs;

    /** All zero. */
    public CostMeter() {}

    /** A chain of that many elements was posted with that many doorbells, and its completion was waited for. */
    void countRoundTrip(long rungDoorbells, int elements) {
        doorbells += rungDoorbells;
        roundTrips++;
        verbs += elements;
    }

    /** A chain of that many elements was posted, and its completion is not waited for. */
    void countPosted(long rungDoorbells, int elements) {
        doorbells += rungDoorbells;
        verbs += elements;
    }

    /** A completion was waited for; chains that were posted before it arrived do not count again. */
    void countWait() {
        roundTrips++;
    }

    /** Chains posted. */
    public long doorbells() {
        return doorbells;
    }

    /** Completions waited for. */
    public long roundTrips() {
        return roundTrips;
    }

    /** Elements posted. */
    public long verbs() {
        return verbs;
    }
}
