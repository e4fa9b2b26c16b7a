package io.finemem.runtime;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.FineMemException;
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
     * Sessions with those memory nodes that answer, of the configuration's list or of the directory.
     *
     * @throws MemoryNodeLost if none of them answers
     * @throws io.finemem.spi.coordination.CoordinationUnavailable if the directory lists none that serves
     */
    List<MemoryNodeControl> open(Directory directory, OwnedResources resources) {
        boolean listed = client.coordination().listed();
        List<MemoryNodeAddress> nodes = listed
                ? client.memoryNodes()
                : directory.serving(client.timeouts().connect());
        List<MemoryNodeControl> sessions = new ArrayList<>();
        @Nullable FineMemException failure = null;
        for (MemoryNodeAddress node : nodes) {
            try {
                MemoryNodeControl session = open(node);
                resources.add(session::close);
                sessions.add(session);
            } catch (FineMemException e) {
                if (listed && !(e instanceof MemoryNodeLost)) {
                    throw e; // the configuration is wrong; a directory may list anything
                }
                LOG.warn("memory node {} is left out until it answers: {}", node.name(), e.getMessage());
                failure = e;
            }
        }
        if (sessions.isEmpty() && failure != null) {
            throw failure;
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
                        + " is named " + name + ", not " + address.name() + "; check "
                        + (client.coordination().listed()
                                ? "finemem.client.memory-nodes"
                                : "finemem.memory-node.advertise there"));
            }
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }
}
