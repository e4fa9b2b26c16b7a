package io.finemem.runtime.config;

import io.finemem.runtime.control.ControlLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * Everything that a memory node daemon needs to know.
 *
 * @param transport what carries the operations
 * @param pool what it gives away
 * @param listen where its control channel listens; port 0 takes a free one
 * @param secretFile the secret that it shares with its clients
 * @param limits of its control channel
 * @param coordination where it registers itself
 * @param advertise address of the control channel that is registered, host or host:port; empty: as it listens
 */
public record MemoryNodeConfig(
        TransportChoice transport,
        PoolConfig pool,
        InetSocketAddress listen,
        Path secretFile,
        ControlLimits limits,
        CoordinationChoice coordination,
        String advertise) {}
