package io.finemem.service.client;

import io.finemem.allocator.data.HeapConnector;
import io.finemem.allocator.data.HeapLink;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.service.ipc.Frame;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes data connections to one memory node: this side's end here, the node's through the service. */
final class ServiceConnector implements HeapConnector {
    private final ProtectionDomain domain;
    private final ServiceLink link;
    private final int node;
    private final String memoryNode;
    private volatile @Nullable RuntimeException lost;

    ServiceConnector(ProtectionDomain domain, ServiceLink link, int node, String memoryNode) {
        this.domain = domain;
        this.link = link;
        this.node = node;
        this.memoryNode = memoryNode;
    }

    @Override
    public String memoryNode() {
        return memoryNode;
    }

    @Override
    public HeapLink connect(int elementsInFlight) {
        while (true) {
            try {
                return connectOnce(elementsInFlight);
            } catch (ServiceLink.Interrupted e) {
                link.requireAlive(); // it is back: a new end, for nothing is known of the old one's counterpart
            }
        }
    }

    private HeapLink connectOnce(int elementsInFlight) {
        Connection connection = domain.newConnection(new ConnectionOptions(memoryNode, elementsInFlight, Set.of()));
        try {
            Frame.Connected served = link.connect(node, connection.descriptor());
            connect(connection, served);
            return new HeapLink(connection, served.connection());
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** If it fails the other end is given back, and a service that has ended meanwhile is the reason that counts. */
    private void connect(Connection connection, Frame.Connected served) {
        try {
            connection.connect(served.descriptor());
        } catch (RuntimeException e) {
            try {
                link.disconnect(served.connection());
            } catch (RuntimeException gone) {
                gone.addSuppressed(e);
                throw gone;
            }
            throw e;
        }
    }

    @Override
    public void disconnect(HeapLink broken) {
        link.disconnect(broken.servedId());
        broken.connection().close();
    }

    @Override
    public FineMemException lose(RuntimeException cause) {
        lost = cause;
        return failure(cause);
    }

    @Override
    public void requireUsable() {
        link.requireAlive();
        RuntimeException cause = lost;
        if (cause != null) {
            throw failure(cause);
        }
        if (link.lost(node)) {
            throw new MemoryNodeLost("memory node " + memoryNode
                    + " was lost while the allocation service was away; its blocks cannot be used any more");
        }
    }

    private FineMemException failure(RuntimeException cause) {
        return new MemoryNodeLost(
                cause,
                "the data connection to memory node " + memoryNode + " was lost; its blocks cannot be used any more",
                "cause",
                cause.getMessage());
    }
}
