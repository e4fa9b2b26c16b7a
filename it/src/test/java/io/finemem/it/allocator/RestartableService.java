package io.finemem.it.allocator;

import static org.awaitility.Awaitility.await;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.RemoteBlock;
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
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An allocation service with a session journal, in this process, that is stopped and started again while its sessions go on. */
final class RestartableService implements AutoCloseable {
    private final Path directory;
    private final Transport transport;
    private final AllocatorOptions allocation;
    private final UnaryOperator<ServiceOptions> options;
    private @Nullable Run run;

    private record Run(SessionJournal journal, FineMemAllocator owner, AllocationService service) {}

    /** Names blocks, and stores the tickets of nodes that joined; without garbage. */
    private static final class Stored implements Identities {
        private final SessionJournal journal;
        private final FineMemAllocator owner;
        private volatile long[] bootNonces = {};

        Stored(SessionJournal journal, FineMemAllocator owner) {
            this.journal = journal;
            this.owner = owner;
        }

        @Override
        public void identify(RemoteBlock block, BlockIdentity.Target target) {
            owner.identify(block, target);
        }

        @Override
        public void makeResumable(long bootNonce, int ownerId) {
            for (long stored : bootNonces) {
                if (stored == bootNonce) {
                    return;
                }
            }
            store();
        }

        private synchronized void store() {
            List<ResumeTicket> tickets = owner.tickets();
            journal.setTickets(tickets);
            bootNonces = tickets.stream().mapToLong(ResumeTicket::bootNonce).toArray();
        }
    }

    RestartableService(
            Path directory, Transport transport, AllocatorOptions allocation, UnaryOperator<ServiceOptions> options) {
        this.directory = directory;
        this.transport = transport;
        this.allocation = allocation;
        this.options = options;
    }

    private Path socket() {
        return directory.resolve("service");
    }

    void start(List<? extends MemoryNodeControl> nodes) {
        SessionJournal journal = SessionJournal.open(directory.resolve("state"));
        FineMemAllocator owner = FineMemAllocator.openResumable(
                transport, List.copyOf(nodes), allocation, new Resumption(journal.tickets(), journal.held()));
        journal.setTickets(owner.tickets());
        AllocationService service = AllocationService.open(
                options.apply(ServiceOptions.at(socket())),
                owner,
                owner::controls,
                new Continuation(journal, new Stored(journal, owner), owner.resumed()));
        run = new Run(journal, owner, service);
    }

    /** Stops it for another run. */
    void suspend() {
        Run stopped = run();
        run = null;
        stopped.service().suspend();
        stopped.owner().suspend();
        stopped.journal().close();
    }

    private Run run() {
        if (run == null) {
            throw new IllegalStateException("the service does not run");
        }
        return run;
    }

    /** Another memory node, or another run of one that was lost. */
    void join(MemoryNodeControl node) {
        run().owner().join(node);
    }

    int sessions() {
        return run().service().sessions();
    }

    void awaitSessions(int count) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> sessions() == count);
    }

    ServiceMemory application(String name) {
        return ServiceMemory.open(
                transport, ServiceClientOptions.at(socket(), name).withThreads(2));
    }

    /** One whose threads look for answers for so long before they sleep. */
    ServiceMemory application(String name, Duration spin) {
        return ServiceMemory.open(
                transport, ServiceClientOptions.at(socket(), name).withSpin(spin));
    }

    @Override
    public void close() {
        if (run != null) {
            run.service().close();
            run.owner().close();
            run.journal().close();
        }
    }
}
