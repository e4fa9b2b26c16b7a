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
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.service.client.ServiceClientOptions;
import io.finemem.service.client.ServiceMemory;
import io.finemem.service.journal.SessionJournal;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.Continuation;
import io.finemem.service.server.Identities;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A memory node whose service can be stopped and started again, on shared memory, in this process. */
public final class RestartableNode implements AutoCloseable {
    private final Path directory;
    private final Transport transport;
    private MemoryNode node;
    private final MemoryNodeOptions options;
    private UnaryOperator<ServiceOptions> chosen = UnaryOperator.identity();
    private UnaryOperator<RemoteMemory> around = UnaryOperator.identity();
    private UnaryOperator<ResumeReport> report = UnaryOperator.identity();
    private Runnable whenMadeResumable = () -> {};
    private final List<MemoryNode> more = new ArrayList<>();
    private int runAhead = 8;
    private @Nullable Run run;

    private record Run(SessionJournal journal, FineMemAllocator owner, AllocationService service) {}

    RestartableNode(Path directory, Isolation isolation, int sections) {
        this.directory = directory;
        this.transport = ComputeNode.transport(directory);
        this.options = MemoryNodeOptions.of("mn0", sections * ComputeNode.SECTION)
                .withIsolation(isolation)
                .withLease(Duration.ofSeconds(20));
        this.node = MemoryNode.open(transport, options);
    }

    public RestartableNode(Path directory) {
        this(directory, Isolation.DIRECT, 8);
    }

    /** For runs that are started later. */
    public RestartableNode with(UnaryOperator<ServiceOptions> options) {
        chosen = options;
        return this;
    }

    /** For owners that are opened later. */
    RestartableNode withRunAhead(int blocks) {
        runAhead = blocks;
        return this;
    }

    /** What the services that are started later allocate through, around the owner. */
    public RestartableNode around(UnaryOperator<RemoteMemory> memory) {
        around = memory;
        return this;
    }

    /** What the services that are started later are told of their predecessor. */
    RestartableNode reporting(UnaryOperator<ResumeReport> change) {
        report = change;
        return this;
    }

    /** Called by the services that are started later before a block is written down. */
    RestartableNode whenMadeResumable(Runnable action) {
        whenMadeResumable = action;
        return this;
    }

    public ResumeReport start() {
        SessionJournal journal = SessionJournal.open(state());
        List<MemoryNodeControl> sessions = List.of(node.newSession("compute node"));
        FineMemAllocator owner = FineMemAllocator.openResumable(
                transport,
                sessions,
                AllocatorOptions.defaults().withWorkers(2).withRunAhead(runAhead),
                new Resumption(journal.tickets(), journal.held()));
        journal.setTickets(owner.tickets());
        AllocationService service;
        try {
            service = AllocationService.open(
                    chosen.apply(ServiceOptions.at(ComputeNode.socket(directory))),
                    around.apply(owner),
                    owner::controls,
                    new Continuation(journal, identities(owner), report.apply(owner.resumed())));
        } catch (RuntimeException e) {
            owner.suspend();
            journal.close();
            throw e;
        }
        run = new Run(journal, owner, service);
        return owner.resumed();
    }

    private Identities identities(FineMemAllocator owner) {
        return new Identities() {
            @Override
            public void identify(RemoteBlock block, BlockIdentity.Target target) {
                owner.identify(block, target);
            }

            @Override
            public void makeResumable(long bootNonce, int ownerId) {
                whenMadeResumable.run();
                assertThat(owner.tickets()).anyMatch(ticket -> ticket.bootNonce() == bootNonce);
            }
        };
    }

    /** One more memory node, which the owner allocates on from now on. */
    void join(String name) {
        MemoryNode joined = MemoryNode.open(transport, MemoryNodeOptions.of(name, 8 * ComputeNode.SECTION));
        more.add(joined);
        run().owner().join(joined.newSession("compute node"));
    }

    /** The memory node starts again with nothing, while the service does not run. */
    void restartMemoryNode() {
        node.close();
        node = MemoryNode.open(transport, options);
    }

    /** Stops the service for another. */
    public void suspend() {
        Run stopped = run();
        stopped.service().suspend();
        stopped.owner().suspend();
        stopped.journal().close();
        run = null;
    }

    private Run run() {
        assertThat(run).isNotNull();
        return run;
    }

    Path state() {
        return directory.resolve("state");
    }

    AllocationService service() {
        return run().service();
    }

    ServiceMemory client() {
        return client("test");
    }

    ServiceMemory client(String name) {
        return ServiceMemory.open(transport, ServiceClientOptions.at(ComputeNode.socket(directory), name));
    }

    ServiceMemory client(UnaryOperator<ServiceClientOptions> options) {
        return ServiceMemory.open(
                transport, options.apply(ServiceClientOptions.at(ComputeNode.socket(directory), "test")));
    }

    public Path socket() {
        return ComputeNode.socket(directory);
    }

    /** Waits until so many chunks are in use, apart from what the owner claimed ahead, and no invariant is broken. */
    void awaitUsedChunks(long chunks) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> {
                    AuditReport report = node.audit();
                    assertThat(report.violations()).isEmpty();
                    assertThat(report.explainedChunks()).isEqualTo(report.usedChunks());
                    assertThat(report.usedChunks()).isEqualTo(chunks);
                });
    }

    void awaitSessions(int count) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> service().sessions() == count);
    }

    @Override
    public void close() {
        if (run != null) {
            run.service().close();
            run.owner().close();
            run.journal().close();
        }
        node.close();
        more.forEach(MemoryNode::close);
        transport.close();
    }
}
