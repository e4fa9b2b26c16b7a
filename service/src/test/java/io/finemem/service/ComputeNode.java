package io.finemem.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.memorynode.MemoryNode;
import io.finemem.allocator.memorynode.MemoryNodeOptions;
import io.finemem.api.InvalidRequest;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import io.finemem.spi.transport.TransportSettings;
import io.finemem.transport.shm.ShmTransportProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A memory node, an owner of it and the owner's allocation service, on shared memory, in this process. */
public final class ComputeNode implements AutoCloseable {
    public static final long SECTION = 2L << 20;

    private final Path directory;
    private final Transport transport;
    private final MemoryNode node;
    private final List<MemoryNode> more = new ArrayList<>();
    private final FineMemAllocator owner;
    private final AllocationService service;

    public ComputeNode(Path directory) {
        this(directory, Isolation.DIRECT, UnaryOperator.identity());
    }

    public ComputeNode(Path directory, Isolation isolation, UnaryOperator<ServiceOptions> chosen) {
        this(directory, isolation, chosen, UnaryOperator.identity());
    }

    /** A node whose service allocates through something around the owner. */
    public ComputeNode(
            Path directory,
            Isolation isolation,
            UnaryOperator<ServiceOptions> chosen,
            UnaryOperator<RemoteMemory> around) {
        this.directory = directory;
        this.transport = transport(directory);
        this.node = MemoryNode.open(
                transport,
                MemoryNodeOptions.of("mn0", 8 * SECTION)
                        .withIsolation(isolation)
                        .withLease(Duration.ofSeconds(20)));
        this.owner = FineMemAllocator.open(
                transport,
                List.of(node.newSession("compute node")),
                AllocatorOptions.defaults().withWorkers(2));
        this.service = AllocationService.open(
                chosen.apply(ServiceOptions.at(socket(directory))), around.apply(owner), owner::controls);
    }

    public static Path socket(Path directory) {
        return directory.resolve("run/service");
    }

    public static Transport transport(Path directory) {
        return new ShmTransportProvider()
                .open(TransportSettings.of("finemem.transport.shm", Map.of("directory", directory.toString())));
    }

    /** Another owner of the memory node, without a service between. */
    public FineMemAllocator embedded(AllocatorOptions options) {
        return FineMemAllocator.open(transport, List.of(node.newSession("embedded")), options);
    }

    /** One more memory node, which the owner allocates on from now on; the test may close it before. */
    public MemoryNode join(String name) {
        MemoryNode joined = MemoryNode.open(
                transport, MemoryNodeOptions.of(name, 8 * SECTION).withIsolation(Isolation.DIRECT));
        more.add(joined);
        owner.join(joined.newSession("compute node"));
        return joined;
    }

    /** All connections of the owner break, those of its applications included, as after a cut of the network. */
    public void breakConnections() {
        MemoryNodeControl control = owner.controls().get(0).control();
        for (int connection = 1; ; connection++) {
            try {
                control.disconnect(connection);
            } catch (InvalidRequest e) {
                return; // there are no more
            }
        }
    }

    /** Waits until the owner knows that a memory node is lost. */
    public void awaitLost(String name) {
        await().atMost(Duration.ofSeconds(10)).until(() -> owner.nodes().stream()
                .anyMatch(each -> each.memoryNode().equals(name) && !each.usable()));
    }

    /** Another service at the same socket. */
    public AllocationService secondService() {
        return AllocationService.open(ServiceOptions.at(socket()), owner, owner::controls);
    }

    public Transport transport() {
        return transport;
    }

    public AllocationService service() {
        return service;
    }

    public Path socket() {
        return socket(directory);
    }

    /** A client in this process. */
    public ServiceMemory client() {
        return client(ServiceClientOptions.at(socket(), "test"));
    }

    public ServiceMemory client(ServiceClientOptions options) {
        return ServiceMemory.open(transport, options);
    }

    /** Chunks in use, no invariant broken. */
    public long usedChunks() {
        AuditReport report = node.audit();
        assertThat(report.violations()).isEmpty();
        assertThat(report.explainedChunks()).isEqualTo(report.usedChunks());
        return report.usedChunks();
    }

    /** Waits until so many sessions are left and given back. */
    public void awaitSessions(int count) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> service.sessions() == count);
    }

    /** Waits until everything freed is revoked, too. */
    public void awaitRevocations() {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> node.revocations().pending() == 0);
    }

    @Override
    public void close() {
        service.close();
        owner.close();
        node.close();
        more.forEach(MemoryNode::close);
        transport.close();
    }
}
