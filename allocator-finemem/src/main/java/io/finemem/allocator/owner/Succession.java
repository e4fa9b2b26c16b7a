package io.finemem.allocator.owner;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.control.ResumedGrant;
import io.finemem.allocator.driver.ChainDriver;
import io.finemem.allocator.resume.BlockIdentity;
import io.finemem.allocator.resume.LostBlock;
import io.finemem.allocator.resume.NodeResumption;
import io.finemem.allocator.resume.ResumeOutcome;
import io.finemem.allocator.resume.ResumeReport;
import io.finemem.allocator.resume.ResumeTicket;
import io.finemem.allocator.resume.ResumedBlock;
import io.finemem.allocator.resume.Resumption;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OwnerFenced;
import io.finemem.api.RemoteBlock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an owner that is being opened follows a predecessor: which of its places at the memory nodes it takes over, and what became
 * of the blocks that were recorded.
 *
 * <p><b>Thread-safety.</b> One thread at a time.
 */
final class Succession {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final @Nullable Resumption before;
    private final long timeoutNanos;
    private final Consumer<List<ResumeTicket>> store;
    private final Map<Long, ResumeTicket> tickets = new HashMap<>();
    private final List<NodeResumption> nodes = new ArrayList<>();
    private final List<OwnedBlock> blocks = new ArrayList<>();
    private boolean reported;

    private Succession(@Nullable Resumption before, long timeoutNanos, Consumer<List<ResumeTicket>> store) {
        this.before = before;
        this.timeoutNanos = timeoutNanos;
        this.store = store;
    }

    /** Of an owner without predecessor or successor. */
    static Succession none() {
        return new Succession(null, 0, tickets -> {});
    }

    /**
     * Of an owner that may have a successor.
     *
     * @param timeoutNanos how long one memory node is asked again to resume
     * @param store takes the tickets for a successor before anything is allocated at their memory nodes
     * @throws InvalidRequest if two tickets are for one run of a memory node, or two records cannot both be true
     */
    static Succession after(Resumption before, long timeoutNanos, Consumer<List<ResumeTicket>> store) {
        Succession succession = new Succession(before, timeoutNanos, store);
        for (ResumeTicket ticket : before.tickets()) {
            if (succession.tickets.putIfAbsent(ticket.bootNonce(), ticket) != null) {
                throw new InvalidRequest(
                        "two resume tickets are for one memory node", "memoryNode", ticket.memoryNode());
            }
        }
        new HeldUnits().addAll(before.held());
        return succession;
    }

    /** Has the tickets for a successor stored; before anything is allocated at the latest node. */
    void storeTickets(List<NodeSession> of) {
        if (before != null) {
            store.accept(tickets(of));
        }
    }

    /** One per memory node where there can be a successor; none of those that were replaced. */
    static List<ResumeTicket> tickets(List<NodeSession> of) {
        return of.stream()
                .filter(node -> !node.retired())
                .map(NodeSession::ticket)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Has the session's peer admitted as an owner. */
    Admission admit(MemoryNodeControl control, PoolDescription pool) {
        if (before == null) {
            return Admission.of(control.register());
        }
        Admission admission = admitResumable(control, pool);
        if (!reported) { // who joins later may try for ever
            nodes.add(new NodeResumption(
                    pool.memoryNode(), admission.outcome(), admission.ownerId(), admission.incarnation()));
        }
        return admission;
    }

    private Admission admitResumable(MemoryNodeControl control, PoolDescription pool) {
        if (reported) {
            return fresh(control, ResumeOutcome.FRESH); // a node that joins later: what was held there has its answer
        }
        ResumeTicket ticket = tickets.get(pool.bootNonce());
        if (ticket == null) {
            return fresh(control, hasTicketOf(pool.memoryNode()) ? ResumeOutcome.NODE_RESTARTED : ResumeOutcome.FRESH);
        }
        try {
            return Admission.of(resume(control, ticket), ticket.token());
        } catch (OwnerFenced e) {
            LOG.warn(
                    "memory node {} has a new owner instead of {}: {}",
                    pool.memoryNode(),
                    ticket.ownerId(),
                    e.getMessage());
            return fresh(control, ResumeOutcome.TOO_LATE);
        } catch (AuthenticationFailed e) {
            LOG.warn(
                    "memory node {} has a new owner instead of {}: {}",
                    pool.memoryNode(),
                    ticket.ownerId(),
                    e.getMessage());
            return fresh(control, ResumeOutcome.REFUSED);
        }
    }

    private static Admission fresh(MemoryNodeControl control, ResumeOutcome outcome) {
        return Admission.of(control.registerResumable(), outcome);
    }

    /** A connection of the predecessor may need time to come to rest. */
    private ResumedGrant resume(MemoryNodeControl control, ResumeTicket ticket) {
        long deadline = System.nanoTime() + timeoutNanos;
        while (true) {
            try {
                return control.resume(ticket.ownerId(), ticket.token());
            } catch (OperationTimeout e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                LOG.info("memory node {} is asked again to resume: {}", ticket.memoryNode(), e.getMessage());
                LockSupport.parkNanos(this, RETRY_NANOS);
            }
        }
    }

    private boolean hasTicketOf(String memoryNode) {
        return tickets.values().stream().anyMatch(ticket -> ticket.memoryNode().equals(memoryNode));
    }

    /** Once the owner was admitted: finds its blocks there if it is a resumed one. */
    void rebuild(NodeSession node, Admission admission, ChainDriver driver) {
        if (before == null || !admission.resumed()) {
            return;
        }
        List<BlockIdentity> held = before.held().stream()
                .filter(record -> record.bootNonce() == node.bootNonce() && record.ownerId() == node.ownerId())
                .toList();
        blocks.addAll(new JournalRebuild(node, driver, admission.undecided(), held).run());
        LOG.info(
                "owner {} is resumed at memory node {}: {} blocks, {} slots in doubt",
                node.ownerId(),
                node.pool().memoryNode(),
                blocks.size(),
                node.doubts().size());
    }

    /** Blocks of the predecessor that are held. */
    long heldBlocks() {
        return blocks.size();
    }

    /** Their bytes. */
    long heldBytes() {
        return blocks.stream().mapToLong(OwnedBlock::length).sum();
    }

    /** What became of everything; once, when all nodes are there. Nodes that join later have new owners. */
    ResumeReport report(Function<OwnedBlock, RemoteBlock> hand) {
        reported = true;
        if (before == null) {
            return new ResumeReport(List.of(), List.of(), List.of());
        }
        List<ResumedBlock> held = new ArrayList<>();
        Set<BlockIdentity> found = new HashSet<>();
        for (OwnedBlock block : blocks) {
            BlockIdentity identity = block.identity();
            found.add(identity);
            held.add(new ResumedBlock(identity, hand.apply(block)));
        }
        List<LostBlock> lost = before.held().stream()
                .filter(record -> !found.contains(record))
                .map(record -> new LostBlock(record, reason(record)))
                .toList();
        return new ResumeReport(nodes, held, lost);
    }

    private LostBlock.Reason reason(BlockIdentity record) {
        ResumeTicket ticket = tickets.get(record.bootNonce());
        if (ticket == null || ticket.ownerId() != record.ownerId()) {
            return LostBlock.Reason.OWNER_LOST;
        }
        for (NodeResumption node : nodes) {
            if (node.memoryNode().equals(ticket.memoryNode())) {
                boolean resumed = node.outcome() == ResumeOutcome.RESUMED && node.ownerId() == record.ownerId();
                return resumed ? LostBlock.Reason.NOT_HELD : LostBlock.Reason.OWNER_LOST;
            }
        }
        return LostBlock.Reason.NODE_ABSENT;
    }
}
