package io.finemem.runtime.config;

import io.finemem.runtime.control.ControlTimeouts;
import java.time.Duration;
import java.util.List;

/**
 * Everything that a client of memory nodes in other processes needs to know.
 *
 * @param transport what carries the operations
 * @param name of this client in the logs of memory nodes
 * @param memoryNodes those listed, at least one; none if a directory finds them
 * @param credentials how it proves itself on control channels
 * @param allocation how it allocates
 * @param timeouts of the control channel
 * @param rejoin pause between attempts to reach a memory node that was lost or did not answer
 * @param coordination where memory nodes are found
 */
public record ClientConfig(
        TransportChoice transport,
        String name,
        List<MemoryNodeAddress> memoryNodes,
        Credentials credentials,
        AllocationConfig allocation,
        ControlTimeouts timeouts,
        Duration rejoin,
        CoordinationChoice coordination) {

    /** Takes a copy of the list. */
    public ClientConfig {
        memoryNodes = List.copyOf(memoryNodes);
    }
}
