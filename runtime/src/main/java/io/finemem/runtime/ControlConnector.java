package io.finemem.runtime;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.runtime.control.ControlClient;

/** How a client opens its session with a memory node; {@link #overTcp} unless something else is bound. */
@FunctionalInterface
public interface ControlConnector {

    /**
     * Opens a session.
     *
     * @return a session without an owner; the caller closes it
     */
    MemoryNodeControl connect(ClientConfig config, MemoryNodeAddress memoryNode);

    /** Over TCP, authenticated and encrypted by {@link ClientConfig#credentials()}. */
    static ControlConnector overTcp() {
        return (config, memoryNode) -> ControlClient.connect(
                memoryNode.socketAddress(), config.credentials().load(), config.name(), config.timeouts());
    }
}
