package io.finemem.runtime;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryNodeLost;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens an owner's sessions with its memory nodes. */
final class OwnerSessions {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerSessions.class);

    private final ControlConnector connector;
    private final ClientConfig client;

    OwnerSessions(ControlConnector connector, ClientConfig client) {
        this.connector = connector;
        this.client = client;
    }

    /**
     * Sessions with those memory nodes that answer.
     *
     * @throws MemoryNodeLost if none of them answers
     */
    List<MemoryNodeControl> open(OwnedResources resources) {
        List<MemoryNodeControl> sessions = new ArrayList<>();
        @Nullable MemoryNodeLost lost = null;
        for (MemoryNodeAddress node : client.memoryNodes()) {
            try {
                MemoryNodeControl session = open(node);
                resources.add(session::close);
                sessions.add(session);
            } catch (MemoryNodeLost e) {
                LOG.warn("memory node {} is left out until it answers: {}", node.name(), e.getMessage());
                lost = e;
            }
        }
        if (sessions.isEmpty() && lost != null) {
            throw lost;
        }
        return sessions;
    }

    /** A session with a memory node of that name. */
    MemoryNodeControl open(MemoryNodeAddress address) {
        MemoryNodeControl session = connector.connect(client, address);
        try {
            String name = session.describe().memoryNode();
            if (!name.equals(address.name())) {
                throw new InvalidConfiguration("the memory node at " + address.host() + ":" + address.port()
                        + " is named " + name + ", not " + address.name() + "; check finemem.client.memory-nodes");
            }
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }
}
