package io.finemem.runtime;

import com.typesafe.config.Config;
import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.InvalidConfiguration;
import io.finemem.runtime.config.AllocationConfig;
import io.finemem.runtime.config.ClientConfig;
import io.finemem.runtime.config.EmbeddedConfig;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.MemoryNodeAddress;
import io.finemem.runtime.config.PoolConfig;
import io.finemem.runtime.config.TransportChoice;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.Transports;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts the parts together, the same way for the builder and for Guice. */
final class Composition {
    private static final String EMBEDDED_PEER = "embedded";

    private final FineMemConfig config;
    private final Transports transports;
    private final ControlConnector connector;
    private final Optional<AllocatorOptions> options;

    Composition(Config config, Transports transports, ControlConnector connector, Optional<AllocatorOptions> options) {
        this.config = FineMemConfig.of(config, transports.providers());
        this.transports = transports;
        this.connector = connector;
        this.options = options;
    }

    FineMem connect() {
        ClientConfig client = config.client();
        OwnedResources resources = new OwnedResources();
        try {
            Transport transport = open(client.transport(), resources);
            List<MemoryNodeControl> sessions = new ArrayList<>();
            for (MemoryNodeAddress node : client.memoryNodes()) {
                sessions.add(session(client, node, resources));
            }
            return open(transport, sessions, client.allocation(), resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    FineMem embedded() {
        EmbeddedConfig embedded = config.embedded();
        OwnedResources resources = new OwnedResources();
        try {
            Transport transport = open(embedded.transport(), resources);
            MemoryNode node = MemoryNode.open(transport, nodeOptions(embedded.pool()));
            resources.add(node::close);
            List<MemoryNodeControl> session = List.of(node.newSession(EMBEDDED_PEER));
            return open(transport, session, embedded.allocation(), resources);
        } catch (RuntimeException e) {
            resources.closeAfter(e);
            throw e;
        }
    }

    static MemoryNodeOptions nodeOptions(PoolConfig pool) {
        return new MemoryNodeOptions(
                pool.name(),
                pool.bytes(),
                pool.isolation(),
                pool.maxOwners(),
                pool.lease(),
                pool.fenceTimeout(),
                pool.zeroOnFree());
    }

    private Transport open(TransportChoice choice, OwnedResources resources) {
        Transport transport = ChosenTransport.open(transports, choice);
        resources.add(transport::close);
        return transport;
    }

    private MemoryNodeControl session(ClientConfig client, MemoryNodeAddress address, OwnedResources resources) {
        MemoryNodeControl session = connector.connect(client, address);
        resources.add(session::close);
        String name = session.describe().memoryNode();
        if (!name.equals(address.name())) {
            throw new InvalidConfiguration("the memory node at " + address.host() + ":" + address.port() + " is named "
                    + name + ", not " + address.name() + "; check finemem.client.memory-nodes");
        }
        return session;
    }

    // The allocator closes its sessions, and it is closed first; closing a session again does nothing.
    private FineMem open(
            Transport transport,
            List<MemoryNodeControl> sessions,
            AllocationConfig allocation,
            OwnedResources resources) {
        AllocatorOptions wanted = options.orElseGet(() -> AllocatorOptions.defaults()
                .withWorkers(allocation.workers())
                .withOperationTimeout(allocation.operationTimeout())
                .withRunAhead(allocation.runAhead())
                .withAsync(allocation.async().depth(), allocation.async().queue())
                .withData(allocation.data()));
        FineMemAllocator allocator = FineMemAllocator.open(transport, sessions, wanted);
        resources.add(allocator::close);
        return new FineMem(allocator, resources);
    }
}
