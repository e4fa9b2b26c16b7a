package io.finemem.allocator.data;

import io.finemem.spi.transport.ProtectionDomain;
import java.util.Arrays;
import java.util.List;

/**
 * Data connections to memory nodes: some to each, lent to one thread at a time.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class HeapPorts implements AutoCloseable {
    private final ProtectionDomain domain;
    private final int portsPerNode;
    private final long timeoutNanos;
    /** By {@link HeldBlock#nodeIndex()}; only added to. */
    private volatile NodePorts[] nodes;

    private boolean shut;

    /**
     * Ports that connect when they are first used, or by {@link #connect}.
     *
     * @param domain domain of this side's ends; holds nothing that a peer may reach
     * @param connectors one per memory node, in the order of {@link HeldBlock#nodeIndex()}
     * @param portsPerNode how many threads may work on a node at a time, 1 or more
     * @param timeoutNanos upper bound of the wait for one chain, and for a free port
     */
    public HeapPorts(
            ProtectionDomain domain, List<? extends HeapConnector> connectors, int portsPerNode, long timeoutNanos) {
        this.domain = domain;
        this.portsPerNode = portsPerNode;
        this.timeoutNanos = timeoutNanos;
        this.nodes = connectors.stream()
                .map(connector -> new NodePorts(domain, connector, portsPerNode, timeoutNanos))
                .toArray(NodePorts[]::new);
    }

    /** Ports to one more node; its index is the next one. Connects them when they are first used. */
    public synchronized void add(HeapConnector connector) {
        NodePorts[] more = Arrays.copyOf(nodes, nodes.length + 1);
        NodePorts added = new NodePorts(domain, connector, portsPerNode, timeoutNanos);
        if (shut) {
            added.shut();
        }
        more[nodes.length] = added;
        nodes = more;
    }

    /** Releases the ports of a node that was {@linkplain HeapConnector#lose lost}, once operations on them have ended. */
    public void retire(int node) {
        nodes[node].shut();
        nodes[node].close();
    }

    /** Connects the port of that position to every node, so that no operation has to wait for that. */
    public void connect(int position) {
        for (NodePorts node : nodes) {
            node.connect(position);
        }
    }

    ProtectionDomain domain() {
        return domain;
    }

    NodePorts of(HeldBlock block) {
        return nodes[block.nodeIndex()];
    }

    /** Lends no port any more, and waits for those that are lent: operations are bounded by their timeout. */
    synchronized void shut() {
        shut = true;
        for (NodePorts node : nodes) {
            node.shut();
        }
    }

    /** {@link #shut}, and releases the connections and their memory. Later calls do nothing. */
    @Override
    public void close() {
        shut();
        for (NodePorts node : nodes) {
            node.close();
        }
    }
}
