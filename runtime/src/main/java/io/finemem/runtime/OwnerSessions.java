package io.finemem.runtime;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import java.util.ArrayList;
import java.util.List;

/** Opens an owner's sessions with its memory nodes. */
final class OwnerSessions {
    private OwnerSessions() {}

    static List<MemoryNodeControl> open(ControlConnector connector, ClientConfig client, OwnedResources resources) {
        List<MemoryNodeControl> sessions = new ArrayList<>();
        for (MemoryNodeAddress node : client.memoryNodes()) {
            sessions.add(open(connector, client, node, resources));
        }
        return sessions;
    }

    private static MemoryNodeControl open(
            ControlConnector connector, ClientConfig client, MemoryNodeAddress address, OwnedResources resources) {
        MemoryNodeControl session = connector.connect(client, address);
        resources.add(session::close);
        String name = session.describe().memoryNode();
        if (!name.equals(address.name())) {
            throw new InvalidConfiguration("the memory node at " + address.host() + ":" + address.port() + " is named "
                    + name + ", not " + address.name() + "; check finemem.client.memory-nodes");
        }
        return session;
    }
}
