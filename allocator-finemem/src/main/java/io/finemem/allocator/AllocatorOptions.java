package io.finemem.allocator;

import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.decision.ContentionThresholds;
import java.time.Duration;

/**
 * How an owner works.
 *
 * @param workers connections per memory node, each used by one thread at a time; 1 to 256
 * @param operationTimeout upper bound of the wait for one chain, and for a free worker
 * @param contention when a span counts as contended
 * @param emptySpansKept open spans without chunks in use that a worker keeps per memory node before it closes them
 * @param data how blocks are read and written
 */
public record AllocatorOptions(
        int workers, Duration operationTimeout, ContentionThresholds contention, int emptySpansKept, DataOptions data) {
    private static final int MAX_WORKERS = 256;

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
    }

    /** As many workers as processors, up to 4; 10 seconds; contention as in {@link ContentionThresholds#DEFAULT}. */
    public static AllocatorOptions defaults() {
        int workers = Math.min(4, Runtime.getRuntime().availableProcessors());
        return new AllocatorOptions(
                workers, Duration.ofSeconds(10), ContentionThresholds.DEFAULT, 4, DataOptions.defaults());
    }

    /** The same with another number of workers. */
    public AllocatorOptions withWorkers(int count) {
        return new AllocatorOptions(count, operationTimeout, contention, emptySpansKept, data);
    }

    /** The same with another time limit. */
    public AllocatorOptions withOperationTimeout(Duration timeout) {
        return new AllocatorOptions(workers, timeout, contention, emptySpansKept, data);
    }

    /** The same with another way to read and write blocks. */
    public AllocatorOptions withData(DataOptions options) {
        return new AllocatorOptions(workers, operationTimeout, contention, emptySpansKept, options);
    }
}
