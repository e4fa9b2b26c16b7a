package io.finemem.runtime.config;

import java.time.Duration;

/**
 * How a client allocates.
 *
 * @param workers operations that run side by side
 * @param operationTimeout every operation ends within it
 * @param asyncDepth asynchronous operations under way per memory node
 * @param asyncQueue asynchronous operations that wait
 */
public record AllocationConfig(int workers, Duration operationTimeout, int asyncDepth, int asyncQueue) {}
