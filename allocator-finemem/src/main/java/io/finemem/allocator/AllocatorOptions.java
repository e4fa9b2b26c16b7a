package io.finemem.allocator;

import io.finemem.allocator.decision.ContentionThresholds;
import java.time.Duration;

/**
 * How an owner works.
 *
 * @param workers connections per memory node, each used by one thread at a time; 1 to 256
 * @param operationTimeout upper bound of the wait for one chain, and for a free worker
 * @param contention when a span counts as contended
 * @param emptySpansKept open spans without chunks in use that a worker keeps per memory node before it closes them
 * @param asyncDepth most chains of asynchronous operations under way per memory node, 1 to 64; fewer where the transport has
 *     less room
 * @param asyncQueue asynchronous operations that wait, 2 to 2^20; rounded up to a power of two
 */
public record AllocatorOptions(
        int workers,
        Duration operationTimeout,
        ContentionThresholds contention,
        int emptySpansKept,
        int asyncDepth,
        int asyncQueue) {
    /** Default of {@link #asyncDepth()}. */
    public static final int ASYNC_DEPTH = 16;
    /** Default of {@link #asyncQueue()}. */
    public static final int ASYNC_QUEUE = 1024;

    private static final int MAX_WORKERS = 256;
    /** Largest {@link #asyncDepth()}. */
    public static final int MAX_ASYNC_DEPTH = 64;
    /** Largest {@link #asyncQueue()}. */
    public static final int MAX_ASYNC_QUEUE = 1 << 20;

    /** Checks the ranges. */
    public AllocatorOptions {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("workers must be 1 to " + MAX_WORKERS + ": " + workers);
        }
        if (operationTimeout.isNegative() || operationTimeout.isZero()) {
            throw new IllegalArgumentException("operation timeout must be positive: " + operationTimeout);
        }
        if (emptySpansKept < 0) {
            throw new IllegalArgumentException("kept empty spans must be 0 or more: " + emptySpansKept);
        }
        if (asyncDepth < 1 || asyncDepth > MAX_ASYNC_DEPTH) {
            throw new IllegalArgumentException("async depth must be 1 to " + MAX_ASYNC_DEPTH + ": " + asyncDepth);
        }
        if (asyncQueue < 2 || asyncQueue > MAX_ASYNC_QUEUE) {
            throw new IllegalArgumentException("async queue must be 2 to " + MAX_ASYNC_QUEUE + ": " + asyncQueue);
        }
    }

    /** With default depth and queue of asynchronous operations. */
    public AllocatorOptions(
            int workers, Duration operationTimeout, ContentionThresholds contention, int emptySpansKept) {
        this(workers, operationTimeout, contention, emptySpansKept, ASYNC_DEPTH, ASYNC_QUEUE);
    }

    /** The same with other bounds of asynchronous operations. */
    public AllocatorOptions withAsync(int depth, int queue) {
        return new AllocatorOptions(workers, operationTimeout, contention, emptySpansKept, depth, queue);
    }

    /** As many workers as processors, up to 4; 10 seconds; contention as in {@link ContentionThresholds#DEFAULT}. */
    public static AllocatorOptions defaults() {
        int workers = Math.min(4, Runtime.getRuntime().availableProcessors());
        return new AllocatorOptions(workers, Duration.ofSeconds(10), ContentionThresholds.DEFAULT, 4);
    }

    /** The same with another number of workers. */
    public AllocatorOptions withWorkers(int count) {
        return new AllocatorOptions(count, operationTimeout, contention, emptySpansKept, asyncDepth, asyncQueue);
    }

    /** The same with another time limit. */
    public AllocatorOptions withOperationTimeout(Duration timeout) {
        return new AllocatorOptions(workers, timeout, contention, emptySpansKept, asyncDepth, asyncQueue);
    }
}
