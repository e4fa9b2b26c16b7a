package io.finemem.runtime.config;

import io.finemem.allocator.data.DataOptions;
import java.time.Duration;

/**
 * How a client allocates.
 *
 * @param workers operations that run side by side
 * @param operationTimeout every operation ends within it
 * @param data how blocks are read and written
 */
public record AllocationConfig(int workers, Duration operationTimeout, DataOptions data) {}
