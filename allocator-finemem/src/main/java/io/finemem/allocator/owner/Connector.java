package io.finemem.allocator.owner;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.Set;

/**
 * Makes connections to one memory node: this side's end, the node's end through its control session.
 *
 * @param domain domain of this side's ends; holds nothing that the node may reach
 * @param control session with the node
 * @param memoryNode name of the node
 */
record Connector(ProtectionDomain domain, MemoryNodeControl control, String memoryNode) {
    private static final int ELEMENTS_IN_FLIGHT = ChainDriver.ELEMENTS_IN_FLIGHT;

    Link connect(ConnectionPurpose purpose) {
        return connect(purpose, ELEMENTS_IN_FLIGHT);
    }

    Link connect(ConnectionPurpose purpose, int elementsInFlight) {
        ConnectionOptions options = new ConnectionOptions(memoryNode, elementsInFlight, Set.of());
        Connection connection = domain.newConnection(options);
        try {
            ServedEnd served = control.connect(purpose, connection.descriptor());
            connection.connect(served.descriptor());
            return new Link(connection, served.id());
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Replaces a broken connection: first the node fences its end, so that nothing late executes. */
    Link replace(Link broken, ConnectionPurpose purpose) {
        disconnect(broken);
        return connect(purpose, broken.connection().options().maxElementsInFlight());
    }

    /** Ends a connection on both sides; after the return nothing that was posted on it executes. */
    void disconnect(Link link) {
        control.disconnect(link.servedId());
        link.connection().close();
    }
}
