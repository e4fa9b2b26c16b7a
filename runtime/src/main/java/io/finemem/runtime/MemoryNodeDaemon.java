package io.finemem.runtime;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.NodeState;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.HttpConfig;
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
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A memory node that serves other processes: its memory over the transport, its control channel over TCP.
 *
 * <p>All methods may be called by any thread.
 */
public final class MemoryNodeDaemon implements AutoCloseable {
    private final String name;
    private final Transport transport;
    private final MemoryNode node;
    private final ControlServer server;
    private final Optional<DaemonEndpoint> http;
    private final OwnedResources resources;
    private final Object closing = new Object();

    private MemoryNodeDaemon(
            String name,
            Transport transport,
            MemoryNode node,
            ControlServer server,
            Optional<DaemonEndpoint> http,
            OwnedResources resources) {
        this.name = name;
        this.transport = transport;
        this.node = node;
        this.server = server;
        this.http = http;
        this.resources = resources;
    }

    /** The same without an HTTP endpoint. */
    public static MemoryNodeDaemon open(MemoryNodeConfig config, Transports transports) {
        return open(config, HttpConfig.OFF, transports);
    }

    /**
     * Reserves the memory and listens.
     *
     * @throws io.finemem.api.InvalidConfiguration if the secret file, the transport's settings or the address are not
     *     usable
     * @throws io.finemem.spi.transport.TransportUnavailable if the transport does not work here
     * @throws io.finemem.api.OutOfLocalResources if memory or the port cannot be had; nothing is left behind
     */
    public static MemoryNodeDaemon open(MemoryNodeConfig config, HttpConfig http, Transports transports) {
        OwnedResources resources = new OwnedResources();
        try {
            ControlSecurity security = config.credentials().load();
            requireOwnName(security, config.pool().name());
            Transport transport = ChosenTransport.open(transports, config.transport());
            resources.add(transport::close);
            MemoryNode node = MemoryNode.open(transport, Composition.nodeOptions(config.pool()));
            resources.add(node::close);
            ControlServer server = ControlServer.start(config.listen(), config.limits(), security, node::newSession);
            resources.add(server::close);
            DirectoryOutages outages = new DirectoryOutages();
            Optional<DaemonEndpoint> endpoint = DaemonEndpoint.open(
                    http,
                    config.pool().name(),
                    registry -> {
                        MemoryNodeMeters meters = new MemoryNodeMeters(registry, node, transport.description());
                        resources.add(meters::close);
                        DaemonEndpoint.directory(registry, config.coordination(), outages, resources);
                        return meters::refresh;
                    },
                    () -> health(node),
                    resources);
            announce(config, transport, node, server, outages, resources);
            return new MemoryNodeDaemon(config.pool().name(), transport, node, server, endpoint, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    private static Health health(MemoryNode node) {
        if (node.state() != NodeState.SERVING) {
            return new Health(false, "draining");
        }
        String failure = node.revocations().failure();
        return failure.isEmpty()
                ? new Health(true, "ready")
                : new Health(false, "freed blocks cannot be revoked: " + failure);
    }

    /** Where the HTTP endpoint listens, with the real port; empty if there is none. */
    public Optional<InetSocketAddress> httpAddress() {
        return http.map(DaemonEndpoint::address);
    }

    /** Clients believe a memory node only if its certificate has its name. */
    private static void requireOwnName(ControlSecurity security, String name) {
        if (security instanceof TlsIdentity own && !own.name().equals(name)) {
            throw new InvalidConfiguration("this memory node is called " + name + ", and its certificate is that of "
                    + own.name() + "; set finemem.memory-node.name to the common name of the certificate");
        }
    }

    private static void announce(
            MemoryNodeConfig config,
            Transport transport,
            MemoryNode node,
            ControlServer server,
            DirectoryOutages outages,
            OwnedResources resources) {
        if (config.coordination().listed()) {
            return;
        }
        InetSocketAddress address = server.address();
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
        NodeAnnouncement announcement = NodeAnnouncement.begin(config.coordination(), entry, node, outages);
        resources.add(announcement::close);
        node.onStateChange(state ->
                announcement.state(state == NodeState.DRAINING ? MemoryNodeState.DRAINING : MemoryNodeState.SERVING));
    }

    /** Name of the memory node. */
    public String name() {
        return name;
    }

    /** Where the control channel listens, with the real port. */
    public InetSocketAddress address() {
        return server.address();
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
        synchronized (closing) {
            resources.close();
        }
    }
}
