package io.finemem.runtime;

import io.finemem.allocator.AllocatorOptions;
import io.finemem.allocator.FineMemAllocator;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.NodeResumption;
import io.finemem.allocator.resume.ResumeOutcome;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.RemoteBlock;
import io.finemem.service.journal.SessionJournal;
import io.finemem.service.server.AllocationService;
import io.finemem.service.server.Continuation;
import io.finemem.service.server.Identities;
import io.finemem.service.server.ServiceOptions;
import io.finemem.spi.transport.Transport;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner of a service that goes on where an earlier run of the service ended. Tickets of memory nodes that join later are stored
 * before the first block of one is handed out.
 *
 * <p><b>Thread-safety.</b> {@link #serve}'s service may call from any thread; the rest is for one.
 */
final class ServiceOwner implements Identities {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceOwner.class);

    /** The owners whose tickets are stored. */
    private record Stored(long[] bootNonces, int[] ownerIds) {
        static Stored of(List<ResumeTicket> tickets) {
            return new Stored(
                    tickets.stream().mapToLong(ResumeTicket::bootNonce).toArray(),
                    tickets.stream().mapToInt(ResumeTicket::ownerId).toArray());
        }

        boolean contains(long bootNonce, int ownerId) {
            for (int i = 0; i < bootNonces.length; i++) {
                if (bootNonces[i] == bootNonce && ownerIds[i] == ownerId) {
                    return true;
                }
            }
            return false;
        }
    }

    private final SessionJournal journal;
    private final FineMemAllocator owner;
    private volatile Stored stored;
    private boolean leaving;

    private ServiceOwner(SessionJournal journal, FineMemAllocator owner) {
        this.journal = journal;
        this.owner = owner;
        this.stored = Stored.of(owner.tickets());
    }

    /**
     * Resumes the owner that the journal names, or registers a new one.
     *
     * @param sessions with the memory nodes, not registered yet
     */
    static ServiceOwner open(
            Transport transport,
            List<MemoryNodeControl> sessions,
            AllocatorOptions options,
            SessionJournal journal,
            OwnedResources resources) {
        long begin = System.nanoTime();
        FineMemAllocator owner = FineMemAllocator.openResumable(
                transport, sessions, options, new Resumption(journal.tickets(), journal.held()));
        ServiceOwner opened = new ServiceOwner(journal, owner);
        resources.add(opened::close);
        journal.setTickets(owner.tickets());
        report(owner.resumed(), System.nanoTime() - begin);
        return opened;
    }

    private static void report(ResumeReport report, long nanos) {
        for (NodeResumption node : report.nodes()) {
            if (node.outcome() != ResumeOutcome.FRESH && node.outcome() != ResumeOutcome.RESUMED) {
                LOG.warn("what was allocated on memory node {} before is lost: {}", node.memoryNode(), node.outcome());
            }
        }
        if (!report.blocks().isEmpty() || !report.lost().isEmpty()) {
            LOG.info(
                    "resumed {} blocks in {} ms, {} are lost",
                    report.blocks().size(),
                    nanos / 1_000_000,
                    report.lost().size());
        }
    }

    FineMemAllocator allocator() {
        return owner;
    }

    AllocationService serve(ServiceOptions options) {
        return AllocationService.open(
                options, owner, owner::controls, new Continuation(journal, this, owner.resumed()));
    }

    @Override
    public void identify(RemoteBlock block, BlockIdentity.Target target) {
        owner.identify(block, target);
    }

    @Override
    public void makeResumable(long bootNonce, int ownerId) {
        if (!stored.contains(bootNonce, ownerId)) {
            store();
        }
    }

    private synchronized void store() {
        List<ResumeTicket> tickets = owner.tickets();
        journal.setTickets(tickets);
        stored = Stored.of(tickets);
    }

    /** It is to leave the memory nodes when it is closed, since nobody will resume it. */
    synchronized void setLeaving() {
        leaving = true;
    }

    private synchronized void close() {
        if (leaving) {
            owner.close();
        } else {
            owner.suspend();
        }
    }
}
