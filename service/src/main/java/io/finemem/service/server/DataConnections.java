package io.finemem.service.server;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.NodeControl;
import io.finemem.allocator.control.ServedEnd;
import io.finemem.api.FineMemException;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.OwnerFenced;
import io.finemem.api.QuotaExceeded;
import io.finemem.service.ipc.Frame;
import io.finemem.service.journal.ConnectionLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data connections of one application, all of them to heaps: an application never reaches metadata. They are made on behalf of
 * the service's owner, so they are also fenced with it.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; a call to a memory node delays only this application.
 */
final class DataConnections {
    private static final Logger LOG = LoggerFactory.getLogger(DataConnections.class);

    private record Served(MemoryNodeControl node, int id) {}

    private final NodeNumbers nodes;
    private final int limit;
    private final @Nullable ConnectionLog log;
    private final Map<Integer, Served> served = new HashMap<>();
    private int lastId;
    private boolean ended;

    DataConnections(NodeNumbers nodes, int limit, @Nullable ConnectionLog log) {
        this.nodes = nodes;
        this.limit = limit;
        this.log = log;
    }

    /** Takes over what the log says of connections to memory nodes where the owner is still the one that made them. */
    synchronized void recall(ConnectionLog found, Map<Long, MemoryNodeControl> resumed) {
        found.visit((connection, node, id) -> {
            lastId = Math.max(lastId, connection);
            MemoryNodeControl control = resumed.get(node);
            if (control != null) {
                served.put(connection, new Served(control, id));
            }
        });
    }

    synchronized Frame connect(Frame.Connect wanted) {
        if (ended) {
            throw new MemoryClosed("the session has ended");
        }
        NodeControl to = nodes.control(wanted.node());
        MemoryNodeControl node = to.control();
        if (served.size() >= limit) {
            throw new QuotaExceeded("the application has all the data connections that it may have", "limit", limit);
        }
        if (log != null) {
            log.reserve();
        }
        ServedEnd end = node.connect(ConnectionPurpose.HEAP, wanted.descriptor());
        served.put(++lastId, new Served(node, end.id()));
        if (log != null) {
            log.made(lastId, to.bootNonce(), end.id());
        }
        return new Frame.Connected(wanted.request(), lastId, end.descriptor());
    }

    Frame locate(Frame.Locate wanted) {
        return new Frame.Located(wanted.request(), nodes.name(wanted.node()));
    }

    synchronized Frame disconnect(Frame.Disconnect wanted) {
        Served connection = served.get(wanted.connection());
        if (connection == null && (wanted.connection() < 1 || wanted.connection() > lastId)) {
            throw new InvalidRequest("the application has no such data connection", "connection", wanted.connection());
        }
        if (connection == null) {
            forget(wanted.connection());
            return new Frame.Disconnected(wanted.request()); // it has ended before, such as with its memory node
        }
        try {
            connection.node().disconnect(connection.id());
        } catch (OwnerFenced | MemoryNodeLost | MemoryClosed e) {
            forgetAllOf(connection.node());
            throw e;
        }
        forget(wanted.connection());
        return new Frame.Disconnected(wanted.request());
    }

    /** The session with the memory node is over for ever: so are all connections, which are made anew to the node that comes back. */
    private void forgetAllOf(MemoryNodeControl lost) {
        List<Integer> ended = served.entrySet().stream()
                .filter(entry -> entry.getValue().node() == lost)
                .map(Map.Entry::getKey)
                .toList();
        ended.forEach(this::forget);
    }

    private void forget(int connection) {
        served.remove(connection);
        if (log != null) {
            log.ended(connection);
        }
    }

    /**
     * Fences what is left; no new connections are made.
     *
     * @return whether nothing that the application posted executes any more; if not, to be called again
     */
    synchronized boolean fenceAll() {
        ended = true;
        served.values().removeIf(DataConnections::fence);
        return served.isEmpty();
    }

    private static boolean fence(Served connection) {
        try {
            connection.node().disconnect(connection.id());
            return true;
        } catch (OwnerFenced | MemoryNodeLost | MemoryClosed | InvalidRequest e) {
            // The node has ended our owner and with it all connections, or has no such connection any more.
            LOG.debug("the data connection was gone before it was fenced: {}", e.getMessage());
            return true;
        } catch (FineMemException e) {
            LOG.warn("a data connection of a dead application is not fenced yet: {}", e.getMessage());
            return false;
        } catch (RuntimeException e) { // nobody else would fence it, or end the session
            LOG.error("a data connection of a dead application is not fenced yet, because of a defect", e);
            return false;
        }
    }
}
