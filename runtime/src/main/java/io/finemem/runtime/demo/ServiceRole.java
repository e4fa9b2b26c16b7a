package io.finemem.runtime.demo;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.OutOfLocalResources;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The child that allocates for the compute processes. */
final class ServiceRole {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceRole.class);
    /** As the default of {@code finemem.service.run-ahead}. */
    private static final int RUN_AHEAD = 16;

    private static final Duration OPERATION_TIMEOUT = Duration.ofSeconds(30);
    private static final String SOCKET = "service";

    private final ParentLink link;

    ServiceRole(ParentLink link) {
        this.link = link;
    }

    void run() {
        Message.Fabric fabric = link.receive(Message.Prepare.class).fabric();
        link.watchOver(fabric.directory());
        Path socket = Path.of(fabric.directory(), SOCKET);
        ComputeResult result;
        try (Transport transport = DemoProcess.openTransport(fabric)) {
            Message.ServeApplications order = link.receive(Message.ServeApplications.class);
            result = serve(transport, socket, () -> DemoProcess.session(fabric, order.port(), "service"));
        } finally {
            removeLock(socket);
        }
        link.send(new Message.Done(result));
    }

    private ComputeResult serve(Transport transport, Path socket, Supplier<MemoryNodeControl> sessions) {
        List<MemoryNodeControl> nodes = List.of(sessions.get());
        try (FineMemAllocator owner = FineMemAllocator.open(transport, nodes, options())) {
            RawCas raw = new RawCas(transport, owner, sessions);
            Histogram rawNanos = raw.measure();
            OperationCosts allocations = owner.allocationCosts();
            OperationCosts frees = owner.freeCosts();
            try (AllocationService service =
                    AllocationService.open(ServiceOptions.at(socket), owner, owner::controls)) {
                TransportDescription device = transport.description();
                link.send(new Message.Connected(device.transport(), device.device(), device.detail()));
                link.send(new Message.Open(socket.toString()));
                link.receive(Message.Finish.class);
                LOG.debug("{} sessions are left", service.sessions());
            }
            allocations = ComputeRole.minus(owner.allocationCosts(), allocations);
            frees = ComputeRole.minus(owner.freeCosts(), frees);
            rawNanos.add(raw.measure());
            return ComputeResult.ofService(allocations, frees, Latencies.encode(rawNanos));
        }
    }

    private static AllocatorOptions options() {
        return AllocatorOptions.defaults()
                .withWorkers(2)
                .withOperationTimeout(OPERATION_TIMEOUT)
                .withRunAhead(RUN_AHEAD);
    }

    /** It keeps another service away, which nobody starts in the directory of a demonstration. */
    private static void removeLock(Path socket) {
        try {
            Files.deleteIfExists(socket.resolveSibling(SOCKET + ".lock"));
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "a file of the demonstration cannot be removed: " + e);
        }
    }
}
