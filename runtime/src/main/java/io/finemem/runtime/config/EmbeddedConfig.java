package io.finemem.runtime.config;

/**
 * Everything that a memory node and its client in one process need to know.
 *
 * @param transport what carries the operations; never {@code auto}
 * @param pool what the memory node gives away
 * @param allocation how the client allocates
 */
public record EmbeddedConfig(TransportChoice transport, PoolConfig pool, AllocationConfig allocation) {}
