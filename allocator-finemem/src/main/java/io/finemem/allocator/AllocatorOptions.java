package io.finemem.allocator;

import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.allocator.layout.Geometry;
import io.finemem.spi.placement.PlacementPolicy;
import io.finemem.spi.placement.RoundRobinPlacement;
import java.time.Duration;

/**
 * How an owner works.
 *
 * @param workers connections per memory node, each used by one thread at a time; 1 to 256
 * @param operationTimeout upper bound of the wait for one chain, and for a free worker
 * @param contention when a span counts as contended
 * @param emptySpansKept open spans without chunks in use that a worker keeps per memory node before it closes them
 * @param runAhead blocks of 4 to 64 KiB that a worker claims at a time, of which it keeps all but one for its next allocations
 *     of that size; in direct isolation it keeps as many freed ones of each size. 0 to the chunks of a span; 0 for neither
 * @param async bounds of asynchronous operations
 * @param data how blocks are read and written
 * @param placement which memory node a block is allocated on
 */
public record AllocatorOptions(
        int workers,
        Duration operationTimeout,
        ContentionThresholds contention,
        int emptySpansKept,
        int runAhead,
        AsyncOptions async,
        DataOptions data,
        PlacementPolicy placement) {
    private static final int MAX_WORKERS = 256;
    private static final int MAX_RUN_AHEAD = Geometry.CHUNKS_PER_SPAN;

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
        if (runAhead < 0 || runAhead > MAX_RUN_AHEAD) {
            throw new IllegalArgumentException("run-ahead must be 0 to " + MAX_RUN_AHEAD + ": " + runAhead);
        }
    }

    /** Blocks are placed on the memory nodes in turn. */
    public AllocatorOptions(
            int workers,
            Duration operationTimeout,
            ContentionThresholds contention,
            int emptySpansKept,
            int runAhead,
            AsyncOptions async,
            DataOptions data) {
        this(workers, operationTimeout, contention, emptySpansKept, runAhead, async, data, RoundRobinPlacement.POLICY);
    }

    /** As many workers as processors, up to 4; 10 seconds; contention as in {@link ContentionThresholds#DEFAULT}. */
    public static AllocatorOptions defaults() {
        int workers = Math.min(4, Runtime.getRuntime().availableProcessors());
        return new AllocatorOptions(
                workers,
                Duration.ofSeconds(10),
                ContentionThresholds.DEFAULT,
                4,
                0,
                AsyncOptions.DEFAULT,
                DataOptions.defaults(),
                RoundRobinPlacement.POLICY);
    }

    /** The same with another number of workers. */
    public AllocatorOptions withWorkers(int count) {
        return new AllocatorOptions(
                count, operationTimeout, contention, emptySpansKept, runAhead, async, data, placement);
    }

    /** The same with another time limit. */
    public AllocatorOptions withOperationTimeout(Duration timeout) {
        return new AllocatorOptions(workers, timeout, contention, emptySpansKept, runAhead, async, data, placement);
    }

    /** The same with other thresholds of contention. */
    public AllocatorOptions withContention(ContentionThresholds thresholds) {
        return new AllocatorOptions(
                workers, operationTimeout, thresholds, emptySpansKept, runAhead, async, data, placement);
    }

    /** The same with another run-ahead. */
    public AllocatorOptions withRunAhead(int blocks) {
        return new AllocatorOptions(
                workers, operationTimeout, contention, emptySpansKept, blocks, async, data, placement);
    }

    /** The same with other bounds of asynchronous operations. */
    public AllocatorOptions withAsync(int depth, int queue) {
        return new AllocatorOptions(
                workers,
                operationTimeout,
                contention,
                emptySpansKept,
                runAhead,
                new AsyncOptions(depth, queue),
                data,
                placement);
    }

    /** The same with another way to read and write blocks. */
    public AllocatorOptions withData(DataOptions options) {
        return new AllocatorOptions(
                workers, operationTimeout, contention, emptySpansKept, runAhead, async, options, placement);
    }

    /** The same with another placement. */
    public AllocatorOptions withPlacement(PlacementPolicy policy) {
        return new AllocatorOptions(
                workers, operationTimeout, contention, emptySpansKept, runAhead, async, data, policy);
    }
}
