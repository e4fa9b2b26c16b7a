package io.finemem.runtime;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.InvalidConfiguration;
import io.finemem.api.MemoryClosed;
import io.finemem.runtime.config.MemoryNodeConfig;
import io.finemem.runtime.control.ControlSecurity;
import io.finemem.runtime.control.ControlServer;
import io.finemem.runtime.control.TlsIdentity;
import io.finemem.runtime.http.Health;
import io.finemem.runtime.metrics.MemoryNodeMeters;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.settings.NetworkAddress;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.Transports;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One memory node of a daemon: its memory over a transport of its own, its control channel over TCP, its entry in the directory.
 *
 * <p>All methods may be called by any thread.
 */
public final class ServedPool implements AutoCloseable {
    private final MemoryNodeConfig config;
    private final Transport transport;
    private final MemoryNode node;
    private final InetSocketAddress address;
    private final OwnedResources resources;
    private final Object closing = new Object();
    private @Nullable NodeAnnouncement announcement;
    private volatile @Nullable MemoryNodeMeters meters;
    private volatile boolean closed;

    private ServedPool(
            MemoryNodeConfig config,
            Transport transport,
            MemoryNode node,
            InetSocketAddress address,
            OwnedResources resources) {
        this.config = config;
        this.transport = transport;
        this.node = node;
        this.address = address;
        this.resources = resources;
    }

    /** Reserves the memory and listens; nothing is left behind if that fails. */
    static ServedPool open(MemoryNodeConfig config, Transports transports) {
        OwnedResources resources = new OwnedResources();
        try {
            ControlSecurity security = config.credentials().load();
            requireOwnName(security, config.pool().name());
            Transport transport = ChosenTransport.open(transports, config.transport());
            resources.add(transport::close);
            MemoryNode node = Composition.openNode(transport, config.pool());
            resources.add(node::close);
            ControlServer server = ControlServer.start(config.listen(), config.limits(), security, node::newSession);
            resources.add(server::close);
            return new ServedPool(config, transport, node, server.address(), resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Clients believe a memory node only if its certificate has its name. */
    private static void requireOwnName(ControlSecurity security, String name) {
        if (security instanceof TlsIdentity own && !own.name().equals(name)) {
            throw new InvalidConfiguration("this memory node is called " + name + ", and its certificate is that of "
                    + own.name() + "; set finemem.memory-node.name to the common name of the certificate");
        }
    }

    /** Registers its meters, which go with it. */
    void meter(MeterRegistry registry) {
        MemoryNodeMeters registered = new MemoryNodeMeters(registry, node, transport.description());
        resources.add(registered::close);
        meters = registered;
    }

    /** Brings the meters up to date. */
    void refresh() {
        MemoryNodeMeters registered = meters;
        if (registered == null || closed) {
            return;
        }
        try {
            registered.refresh();
        } catch (MemoryClosed e) {
            if (!closed) {
                throw e;
            }
        }
    }

    /**
     * Lists it in the directory, if there is one.
     *
     * @param outages where outages of the directory are noted
     */
    synchronized void announce(DirectoryOutages outages) {
        if (config.coordination().listed()) {
            return;
        }
        NetworkAddress reached = config.advertise().isEmpty()
                ? new NetworkAddress(address.getAddress().getHostAddress(), address.getPort())
                : NetworkAddress.parse(config.advertise(), address.getPort());
        MemoryNodeEntry entry = new MemoryNodeEntry(
                config.pool().name(),
                reached,
                node.describe().bootNonce(),
                transport.description().transport(),
                config.pool().bytes(),
                MemoryNodeState.SERVING);
        NodeAnnouncement begun = NodeAnnouncement.begin(config.coordination(), entry, node, outages);
        announcement = begun;
        node.onStateChange(
                state -> begun.state(state == NodeState.DRAINING ? MemoryNodeState.DRAINING : MemoryNodeState.SERVING));
    }

    /** Takes it out of the directory, so that nobody new comes. */
    synchronized void withdraw() {
        NodeAnnouncement begun = announcement;
        announcement = null;
        if (begun != null) {
            begun.close();
        }
    }

    /** Whether it can be used; not after it was closed. */
    Health health() {
        if (closed) {
            return new Health(false, "stopped");
        }
        if (node.state() != NodeState.SERVING) {
            return new Health(false, "draining");
        }
        String failure = failure();
        return failure.isEmpty()
                ? new Health(true, "ready")
                : new Health(false, "freed blocks cannot be revoked: " + failure);
    }

    /** Why freed blocks cannot be revoked; empty if they can. */
    String failure() {
        try {
            return node.revocations().failure();
        } catch (MemoryClosed e) {
            return "";
        }
    }

    /** Name of the memory node. */
    public String name() {
        return config.pool().name();
    }

    /** Where the control channel listens, with the real port. */
    public InetSocketAddress address() {
        return address;
    }

    /** What carries the operations. */
    public TransportDescription transport() {
        return transport.description();
    }

    /** Walks over all metadata; owners may go on working meanwhile. */
    public AuditReport audit() {
        return node.audit();
    }

    /** Completes when a peer has stopped the memory node over the control channel: it is empty, and this is to be closed. */
    public CompletionStage<@Nullable Void> stopped() {
        return node.stopped();
    }

    /** Ends all sessions, fences their owners and releases the memory. Later calls do nothing. */
    @Override
    public void close() {
        closed = true;
        synchronized (closing) {
            withdraw();
            resources.close();
        }
    }
}
