package io.finemem.spi.transport;

/**
 * What was posted on one connection, exactly. Written by the thread that uses the connection; other threads may read and
 * see older values.
 */
public final class ConnectionCounters {
    private static final Operation[] OPERATIONS = Operation.values();

    private final long[] posted = new long[OPERATIONS.length];
    private long doorbells;
    private long completions;

    /** All zero. */
    public ConnectionCounters() {}

    /** For the transport: one doorbell was rung. */
    public void countDoorbell() {
        doorbells++;
    }

    /** For the transport: one element of this kind was posted. */
    public void count(Operation operation) {
        posted[operation.ordinal()]++;
    }

    /** For the transport: one chain completed. */
    public void countCompletion() {
        completions++;
    }

    /** Times that the device was told of new work; one per chain, or more where a window element needs its own. */
    public long doorbells() {
        return doorbells;
    }

    /** Chains completed, with whatever status. */
    public long completions() {
        return completions;
    }

    /** Elements of one kind posted. */
    public long posted(Operation operation) {
        return posted[operation.ordinal()];
    }

    /** Elements of all kinds posted. */
    public long posted() {
        long sum = 0;
        for (long count : posted) {
            sum += count;
        }
        return sum;
    }
}
