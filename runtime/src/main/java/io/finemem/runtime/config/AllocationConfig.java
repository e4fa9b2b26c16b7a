package io.finemem.runtime.config;

import java.time.Duration;

/**
 * How a client allocates.
 *
 * @param workers operations that run side by side
 * @param operationTimeout every operation ends within it
 */
public record AllocationConfig(int workers, Duration operationTimeout) {}
