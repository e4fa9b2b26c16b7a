package io.finemem.runtime;

import com.typesafe.config.Config;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.allocator.memorynode.RegionPlacement;
import io.finemem.runtime.config.AllocationConfig;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.EmbeddedConfig;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.PoolConfig;
import io.finemem.runtime.config.ServiceClientConfig;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.runtime.metrics.MemoryNodeMeters;
import io.finemem.runtime.metrics.OwnerMeters;
import io.finemem.runtime.metrics.ServiceClientMeters;
import io.finemem.runtime.numa.NumaPlacement;
import io.finemem.service.client.ServiceMemory;
import io.finemem.spi.coordination.Subscription;
import io.finemem.spi.transport.Transport;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts together, the same way for the builder and for Guice. */
final class Composition {
    private static final String EMBEDDED_PEER = "embedded";

    private static final Logger LOG = LoggerFactory.getLogger(Composition.class);

    private final FineMemConfig config;
    private final Extensions extensions;

    Composition(Config config, Extensions extensions) {
        extensions.plugins().broken().forEach(cause -> LOG.warn("a plug-in cannot be used: {}", cause));
        this.config = FineMemConfig.of(config, extensions.plugins());
        this.extensions = extensions;
    }

    FineMem connect() {
        if (config.through() == FineMemConfig.Through.SERVICE) {
            ServiceClientConfig client = config.serviceClient();
            return opened(resources -> throughService(client, resources));
        }
        ClientConfig client = config.client();
        return opened(resources -> {
            Directory directory = Directory.open(
                    extensions.plugins().coordinations(),
                    client.coordination(),
                    client.memoryNodes(),
                    new DirectoryOutages());
            resources.add(directory::close);
            meters().ifPresent(registry ->
                    DaemonEndpoint.directory(registry, client.coordination(), directory.outages(), resources));
            Transport transport = open(client.transport(), resources);
            OwnerSessions sessions = new OwnerSessions(extensions.connector(), client);
            FineMemAllocator owner =
                    allocator(transport, sessions.open(directory, resources), client.allocation(), resources);
            follow(owner, sessions, client, directory, resources);
            return new FineMem(owner, directory, resources);
        });
    }

    private FineMem throughService(ServiceClientConfig client, OwnedResources resources) {
        Transport transport = open(client.transport(), resources);
        ServiceMemory memory = ServiceMemory.open(transport, client.options());
        resources.add(memory::close);
        meters().ifPresent(registry ->
                resources.add(new ServiceClientMeters(registry, memory, transport.description())::close));
        return new FineMem(memory, transport.description(), Directory.empty(), resources);
    }

    FineMem embedded() {
        EmbeddedConfig embedded = config.embedded();
        return opened(resources -> {
            Transport transport = open(embedded.transport(), resources);
            MemoryNode node = openNode(transport, embedded.pool());
            resources.add(node::close);
            meters().ifPresent(registry ->
                    resources.add(new MemoryNodeMeters(registry, node, transport.description())::close));
            List<MemoryNodeControl> session = List.of(node.newSession(EMBEDDED_PEER));
            FineMemAllocator owner = allocator(transport, session, embedded.allocation(), resources);
            return new FineMem(owner, Directory.empty(), resources);
        });
    }

    /** What was opened before a failure is closed again. */
    private static FineMem opened(Function<OwnedResources, FineMem> opening) {
        OwnedResources resources = new OwnedResources();
        try {
            return opening.apply(resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    /** A memory node whose memory lies where the configuration wants it. */
    static MemoryNode openNode(Transport transport, PoolConfig pool) {
        RegionPlacement placement =
                NumaPlacement.of(pool.numaNode(), transport.description().device());
        return MemoryNode.open(transport, nodeOptions(pool), placement);
    }

    private static MemoryNodeOptions nodeOptions(PoolConfig pool) {
        return new MemoryNodeOptions(
                pool.name(),
                pool.bytes(),
                pool.isolation(),
                pool.maxOwners(),
                pool.lease(),
                pool.fenceTimeout(),
                pool.zeroOnFree(),
                pool.blockKeys(),
                pool.labels());
    }

    static AllocatorOptions allocatorOptions(AllocationConfig allocation) {
        return AllocatorOptions.defaults()
                .withWorkers(allocation.workers())
                .withOperationTimeout(allocation.operationTimeout())
                .withContention(allocation.contention())
                .withRunAhead(allocation.runAhead())
                .withAsync(allocation.async().depth(), allocation.async().queue())
                .withData(allocation.data())
                .withPlacement(allocation.placement());
    }

    private Optional<MeterRegistry> meters() {
        return extensions.meters();
    }

    private Transport open(TransportChoice choice, OwnedResources resources) {
        Transport transport = ChosenTransport.open(extensions.plugins().transports(), choice);
        resources.add(transport::close);
        return transport;
    }

    // The allocator closes its sessions, and it is closed first; closing a session again does nothing.
    private FineMemAllocator allocator(
            Transport transport,
            List<MemoryNodeControl> sessions,
            AllocationConfig allocation,
            OwnedResources resources) {
        AllocatorOptions wanted = extensions.options().orElseGet(() -> allocatorOptions(allocation));
        FineMemAllocator allocator = FineMemAllocator.open(transport, sessions, wanted);
        resources.add(allocator::close);
        meters().ifPresent(registry -> resources.add(new OwnerMeters(registry, allocator)::close));
        return allocator;
    }

    /** Memory nodes that join, did not answer yet, or come back, are used as soon as they can be. */
    static void follow(
            FineMemAllocator owner,
            OwnerSessions sessions,
            ClientConfig client,
            Directory directory,
            OwnedResources resources) {
        ClusterFollower follower = new ClusterFollower(sessions::open, owner, client.rejoin());
        resources.add(follower::close);
        Subscription subscription = directory.coordination().watch(follower);
        resources.add(subscription::close);
        OwnerPresence.keep(directory.coordination(), client.name());
    }
}
