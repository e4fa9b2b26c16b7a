package io.finemem.runtime;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.runtime.config.HttpConfig;
import io.finemem.runtime.config.ServiceConfig;
import io.finemem.runtime.http.Health;
import io.finemem.runtime.metrics.OwnerMeters;
import io.finemem.runtime.metrics.ServiceMeters;
import io.finemem.service.journal.SessionJournal;
import io.finemem.service.server.AllocationService;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import io.finemem.spi.transport.Transports;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The allocation service of this machine: an owner of its memory nodes, shared by the applications that connect to its socket.
 *
 * <p>All methods may be called by any thread.
 */
public final class ComputeNodeDaemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ComputeNodeDaemon.class);

    private final Path socket;
    private final Transport transport;
    private final FineMemAllocator owner;
    private final AllocationService service;
    private final Optional<DaemonEndpoint> http;
    private final OwnedResources resources;
    private final Object closing = new Object();

    private ComputeNodeDaemon(
            Path socket,
            Transport transport,
            FineMemAllocator owner,
            AllocationService service,
            Optional<DaemonEndpoint> http,
            OwnedResources resources) {
        this.socket = socket;
        this.transport = transport;
        this.owner = owner;
        this.service = service;
        this.http = http;
        this.resources = resources;
    }

    /** The same without an HTTP endpoint. */
    public static ComputeNodeDaemon open(ServiceConfig config, Transports transports) {
        return open(config, HttpConfig.OFF, transports);
    }

    /**
     * Connects to the memory nodes, waiting for the first of them as long as is configured, and listens.
     *
     * @throws io.finemem.api.InvalidConfiguration if the secret file, the transport's settings or the socket's path are not
     *     usable
     * @throws io.finemem.spi.transport.TransportUnavailable if the transport does not work here
     * @throws io.finemem.api.MemoryNodeLost if no memory node answers in time, or the thread is interrupted while it waits; nothing
     *     is left behind
     */
    public static ComputeNodeDaemon open(ServiceConfig config, HttpConfig http, Transports transports) {
        OwnedResources resources = new OwnedResources();
        try {
            Directory directory =
                    Directory.open(config.owner().coordination(), config.owner().memoryNodes());
            resources.add(directory::close);
            Transport transport =
                    ChosenTransport.open(transports, config.owner().transport());
            resources.add(transport::close);
            Served served = serve(config, transport, directory, resources);
            FineMemAllocator owner = served.owner();
            AllocationService service = served.service();
            Optional<DaemonEndpoint> endpoint = DaemonEndpoint.open(
                    http,
                    config.owner().name(),
                    registry -> {
                        DaemonEndpoint.directory(
                                registry, config.owner().coordination(), directory.outages(), resources);
                        return meters(registry, owner, service, resources);
                    },
                    () -> health(owner),
                    resources);
            return new ComputeNodeDaemon(config.options().socket(), transport, owner, service, endpoint, resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** The owner of a service, and the service. */
    private record Served(FineMemAllocator owner, AllocationService service) {}

    private static Served serve(
            ServiceConfig config, Transport transport, Directory directory, OwnedResources resources) {
        OwnerSessions sessions = new OwnerSessions(ControlConnector.overTcp(), config.owner(), config.startTimeout());
        AllocatorOptions options = Composition.allocatorOptions(config.owner().allocation());
        Optional<Path> state = config.restart().stateDirectory();
        if (state.isPresent()) {
            AllocationService.prepareDirectory(config.options());
            SessionJournal journal = SessionJournal.open(state.get());
            resources.add(journal::close);
            ServiceOwner owner =
                    ServiceOwner.open(transport, sessions.open(directory, resources), options, journal, resources);
            Composition.follow(owner.allocator(), sessions, config.owner(), directory, resources);
            AllocationService service = owner.serve(config.options());
            resources.add(() -> stop(service, owner, config.restart().keepSessions()));
            return new Served(owner.allocator(), service);
        }
        FineMemAllocator owner = FineMemAllocator.open(transport, sessions.open(directory, resources), options);
        resources.add(owner::close);
        Composition.follow(owner, sessions, config.owner(), directory, resources);
        AllocationService service = AllocationService.open(config.options(), owner, owner::controls);
        resources.add(service::close);
        return new Served(owner, service);
    }

    private static void stop(AllocationService service, ServiceOwner owner, boolean keepSessions) {
        if (keepSessions && service.sessions() > 0) {
            LOG.info("{} sessions are kept for the next run of the service", service.sessions());
            service.suspend();
        } else {
            owner.setLeaving();
            service.close();
        }
    }

    private static Runnable meters(
            MeterRegistry registry, FineMemAllocator owner, AllocationService service, OwnedResources resources) {
        OwnerMeters ofOwner = new OwnerMeters(registry, owner);
        resources.add(ofOwner::close);
        ServiceMeters ofService = new ServiceMeters(registry, service::sessions);
        resources.add(ofService::close);
        return ofOwner::refresh;
    }

    private static Health health(FineMemAllocator owner) {
        return owner.nodes().stream().anyMatch(NodeStatus::usable)
                ? new Health(true, "ready")
                : new Health(false, "no memory node can be used");
    }

    /** Where the HTTP endpoint listens, with the real port; empty if there is none. */
    public Optional<InetSocketAddress> httpAddress() {
        return http.map(DaemonEndpoint::address);
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

    /**
     * Ends all sessions, gives back what they held and leaves the memory nodes; or if sessions are to be kept and there are any, stops
     * so that the next run of the service goes on with them. Later calls do nothing.
     */
    @Override
    public void close() {
        synchronized (closing) {
            resources.close();
        }
    }
}
