package io.finemem.runtime;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens an owner's sessions with its memory nodes. */
final class OwnerSessions {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerSessions.class);

    private OwnerSessions() {}

    /**
     * Those that the configuration lists, all of them; or those of the directory that answer, at least one.
     *
     * @throws FineMemException what the first one failed with
     */
    static List<MemoryNodeControl> open(
            ControlConnector connector, ClientConfig client, Directory directory, OwnedResources resources) {
        return client.coordination().listed()
                ? openListed(connector, client, resources)
                : openFound(connector, client, directory, resources);
    }

    /** A node that died a moment ago is still in the directory. */
    private static List<MemoryNodeControl> openFound(
            ControlConnector connector, ClientConfig client, Directory directory, OwnedResources resources) {
        List<MemoryNodeControl> sessions = new ArrayList<>();
        FineMemException first = null;
        for (MemoryNodeAddress node : directory.serving(client.timeouts().connect())) {
            try {
                sessions.add(open(connector, client, node, resources));
            } catch (FineMemException e) {
                LOG.warn("memory node {} of the directory is left out: {}", node, e.getMessage());
                first = first == null ? e : first;
            }
        }
        if (sessions.isEmpty() && first != null) {
            throw first;
        }
        return sessions;
    }

    private static List<MemoryNodeControl> openListed(
            ControlConnector connector, ClientConfig client, OwnedResources resources) {
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
                    + name + ", not " + address.name() + "; check "
                    + (client.coordination().listed()
                            ? "finemem.client.memory-nodes"
                            : "finemem.memory-node.advertise there"));
        }
        return session;
    }
}
