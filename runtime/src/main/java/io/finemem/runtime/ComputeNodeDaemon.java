package io.finemem.runtime;

import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.runtime.config.ServiceConfig;
import io.finemem.service.server.AllocationService;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.Transports;
import java.nio.file.Path;
import java.util.List;

/**
 * The allocation service of this machine: an owner of its memory nodes, shared by the applications that connect to its socket.
 *
 * <p>All methods may be called by any thread.
 */
public final class ComputeNodeDaemon implements AutoCloseable {
    private final Path socket;
    private final Transport transport;
    private final FineMemAllocator owner;
    private final AllocationService service;
    private final OwnedResources resources;
    private final Object closing = new Object();

    private ComputeNodeDaemon(
            Path socket,
            Transport transport,
            FineMemAllocator owner,
            AllocationService service,
            OwnedResources resources) {
        this.socket = socket;
        this.transport = transport;
        this.owner = owner;
        this.service = service;
        this.resources = resources;
    }

    /**
     * Connects to the memory nodes and listens.
     *
     * @throws io.finemem.api.InvalidConfiguration if the secret file, the transport's settings or the socket's path are not
     *     usable
     * @throws io.finemem.spi.transport.TransportUnavailable if the transport does not work here
     * @throws io.finemem.api.MemoryNodeLost if no memory node answers; nothing is left behind
     */
    public static ComputeNodeDaemon open(ServiceConfig config, Transports transports) {
        OwnedResources resources = new OwnedResources();
        try {
            Transport transport =
                    ChosenTransport.open(transports, config.owner().transport());
            resources.add(transport::close);
            OwnerSessions sessions = new OwnerSessions(ControlConnector.overTcp(), config.owner());
            FineMemAllocator owner = FineMemAllocator.open(
                    transport,
                    sessions.open(resources),
                    Composition.allocatorOptions(config.owner().allocation()));
            resources.add(owner::close);
            Composition.follow(owner, sessions, config.owner(), resources);
            AllocationService service = AllocationService.open(config.options(), owner, owner::controls);
            resources.add(service::close);
            return new ComputeNodeDaemon(config.options().socket(), transport, owner, service, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** Where applications connect. */
    public Path socket() {
        return socket;
    }

    /** Names of the memory nodes that it uses now. */
    public List<String> memoryNodes() {
        return nodes().stream()
                .filter(NodeStatus::usable)
                .map(NodeStatus::memoryNode)
                .toList();
    }

    /** Its memory nodes, as far as is known without asking. */
    public List<NodeStatus> nodes() {
        return owner.nodes();
    }

    /** What carries the operations. */
    public TransportDescription transport() {
        return transport.description();
    }

    /** Sessions of applications, those included whose blocks are being given back. */
    public int sessions() {
        return service.sessions();
    }

    /** Ends all sessions, gives back what they held and leaves the memory nodes. Later calls do nothing. */
    @Override
    public void close() {
        synchronized (closing) {
            resources.close();
        }
    }
}
