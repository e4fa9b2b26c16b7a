package io.finemem.runtime.config;

import java.time.Duration;

/**
 * How a client allocates.
 *
 * @param workers operations that run side by side
 * @param operationTimeout every operation ends within it
 * @param runAhead small blocks that are claimed at a time and kept; 0 for none
 */
public record AllocationConfig(int workers, Duration operationTimeout, int runAhead) {}
