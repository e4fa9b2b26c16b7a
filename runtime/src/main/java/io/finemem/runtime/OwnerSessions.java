package io.finemem.runtime;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryNodeLost;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.spi.coordination.CoordinationUnavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens an owner's sessions with its memory nodes. */
final class OwnerSessions {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerSessions.class);

    private final ControlConnector connector;
    private final ClientConfig client;
    private final Duration patience;
    private final Set<String> told = new HashSet<>();

    /** Whose memory nodes have to answer at once. */
    OwnerSessions(ControlConnector connector, ClientConfig client) {
        this(connector, client, Duration.ZERO);
    }

    /** @param patience how long to wait for the first memory node */
    OwnerSessions(ControlConnector connector, ClientConfig client, Duration patience) {
        this.connector = connector;
        this.client = client;
        this.patience = patience;
    }

    /**
     * Sessions with those memory nodes that answer, of the configuration's list or of the directory.
     *
     * @throws MemoryNodeLost if none of them answers in time, or the thread is interrupted while it waits
     * @throws CoordinationUnavailable if the directory lists none that serves
     */
    List<MemoryNodeControl> open(Directory directory, OwnedResources resources) {
        long begin = System.nanoTime();
        while (true) {
            try {
                return attempt(directory, resources);
            } catch (MemoryNodeLost | CoordinationUnavailable e) {
                if (System.nanoTime() - begin >= patience.toNanos()) {
                    throw e;
                }
                tell(
                        "",
                        "no memory node can be used yet: waiting for one for " + patience.toSeconds()
                                + " s (finemem.service.start-timeout)",
                        e);
                rest(e);
            }
        }
    }

    private void rest(FineMemException cause) {
        try {
            Thread.sleep(client.rejoin().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cause.addSuppressed(e);
            throw cause;
        }
    }

    /** Once for each name. */
    private void tell(String name, String what, FineMemException cause) {
        if (told.add(name)) {
            LOG.warn("{}: {}", what, cause.getMessage());
        }
    }

    private List<MemoryNodeControl> attempt(Directory directory, OwnedResources resources) {
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
                tell(node.name(), "memory node " + node.name() + " is left out until it answers", e);
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
