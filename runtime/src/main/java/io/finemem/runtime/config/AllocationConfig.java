package io.finemem.runtime.config;

import io.finemem.allocator.AsyncOptions;
import io.finemem.allocator.data.DataOptions;
import io.finemem.allocator.decision.ContentionThresholds;
import io.finemem.spi.placement.PlacementPolicy;
import java.time.Duration;

/**
 * How a client allocates.
 *
 * @param workers operations that run side by side
 * @param operationTimeout every operation ends within it
 * @param contention from how many failed attempts a span counts as contended
 * @param runAhead small blocks that are claimed at a time and kept; 0 for none
 * @param async bounds of asynchronous operations
 * @param data how blocks are read and written
 * @param placement which memory node a block is allocated on
 */
public record AllocationConfig(
        int workers,
        Duration operationTimeout,
        ContentionThresholds contention,
        int runAhead,
        AsyncOptions async,
        DataOptions data,
        PlacementPolicy placement) {}
