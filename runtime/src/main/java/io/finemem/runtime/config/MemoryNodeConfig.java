package io.finemem.runtime.config;

import io.finemem.runtime.control.ControlLimits;
import java.net.InetSocketAddress;

/**
 * Everything that a memory node daemon needs to know.
 *
 * @param transport what carries the operations
 * @param pool what it gives away
 * @param listen where its control channel listens; port 0 takes a free one
 * @param credentials how it proves itself on control channels
 * @param limits of its control channel
 * @param coordination where it registers itself
 * @param advertise address of the control channel that is registered, host or host:port; empty: as it listens
 */
public record MemoryNodeConfig(
        TransportChoice transport,
        PoolConfig pool,
        InetSocketAddress listen,
        Credentials credentials,
        ControlLimits limits,
        CoordinationChoice coordination,
        String advertise) {}
