package io.finemem.allocator.owner;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.data.HeapConnector;
import io.finemem.allocator.data.HeapLink;
import io.finemem.api.FineMemException;

/**
 * Data connections of an owner to one memory node, through the owner's session.
 *
 * @param connector makes them
 * @param node what is lost with them
 */
record NodeHeap(Connector connector, NodeSession node) implements HeapConnector {
    @Override
    public String memoryNode() {
        return connector.memoryNode();
    }

    @Override
    public HeapLink connect(int elementsInFlight) {
        Link link = connector.connect(ConnectionPurpose.HEAP, elementsInFlight);
        return new HeapLink(link.connection(), link.servedId());
    }

    @Override
    public void disconnect(HeapLink link) {
        connector.disconnect(new Link(link.connection(), link.servedId()));
    }

    @Override
    public FineMemException lose(RuntimeException cause) {
        return node.lose(cause);
    }

    @Override
    public void requireUsable() {
        node.requireUsable();
    }
}
