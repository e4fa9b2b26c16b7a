package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.AuditReport;
import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.JournalSegment;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.allocator.control.OwnerGrant;
import io.finemem.allocator.control.PoolDescription;
import io.finemem.allocator.layout.JournalSlot;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.SectionWord;
import io.finemem.allocator.layout.SpanHeader;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One peer's session: its owner id and the node's ends of its connections. */
final class OwnerSession implements MemoryNodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerSession.class);
    private static final int NO_OWNER = 0;

    private final MemoryNode node;
    private final String peerName;
    private final List<Connection> connections = new ArrayList<>();
    private int ownerId = NO_OWNER;
    private boolean closed;

    OwnerSession(MemoryNode node, String peerName) {
        this.node = node;
        this.peerName = peerName;
    }

    @Override
    public PoolDescription describe() {
        return node.describe();
    }

    @Override
    public synchronized OwnerGrant register() {
        requireOpen();
        if (ownerId != NO_OWNER) {
            throw new InvalidRequest("the session is registered already", "owner", ownerId);
        }
        int admitted = node.admit(peerName);
        try {
            OwnerGrant grant = new OwnerGrant(admitted, node.grantJournal(admitted));
            ownerId = admitted;
            return grant;
        } catch (RuntimeException e) {
            node.release(admitted);
            throw e;
        }
    }

    @Override
    public synchronized JournalSegment growJournal() {
        requireOwner();
        return node.grantJournal(ownerId);
    }

    @Override
    public synchronized byte[] connect(ConnectionPurpose purpose, byte[] descriptor) {
        requireOwner();
        releaseDeadConnections();
        Connection connection = node.serve(purpose, peerName, descriptor);
        connections.add(connection);
        return connection.descriptor();
    }

    /** An owner that replaces a broken data connection leaves our end of the old one behind. */
    private void releaseDeadConnections() {
        for (int i = connections.size() - 1; i >= 0; i--) {
            if (connections.get(i).state() != ConnectionState.CONNECTED) {
                connections.remove(i).close();
            }
        }
    }

    @Override
    public synchronized void leave() {
        requireOwner();
        fence();
        requireNothingHeld();
        node.release(ownerId);
        LOG.info("owner {} left", ownerId);
        ownerId = NO_OWNER;
    }

    /**
     * With the connections fenced, nobody changes the owner's slots any more. A chunk that one of them covers and that is in
     * use is the owner's, unless a slot of another owner covers it.
     */
    private void requireNothingHeld() {
        MetadataLayout layout = node.layout();
        Coverage others = new Coverage(node.metadata(), layout);
        for (int segment : node.journalOf(ownerId)) {
            for (int i = 0; i < layout.segmentSlots(); i++) {
                int index = layout.firstSlot(segment) + i;
                requireNotHeld(node.metadata().getWord(layout.journalSlot(index)), others);
            }
        }
    }

    private void requireNotHeld(long slot, Coverage others) {
        if (JournalSlot.kind(slot) == JournalSlot.OWNED) {
            throw stillHeld(slot);
        }
        if (JournalSlot.kind(slot) == JournalSlot.EMPTY) {
            return;
        }
        int unit = JournalSlot.unit(slot);
        switch (JournalSlot.type(slot)) {
            case JournalSlot.CHUNKS -> requireChunksNotHeld(slot, others);
            case JournalSlot.SPANS -> requireSpansNotHeld(slot, unit, others);
            case JournalSlot.SECTIONS -> {
                for (int section = unit; section < unit + JournalSlot.mask(slot); section++) {
                    requireSpansNotHeld(slot, section, others);
                }
            }
            default -> {
                // A transition holds no memory; a procedure that was cut off in it did not end in order.
            }
        }
    }

    private void requireChunksNotHeld(long slot, Coverage others) {
        int span = JournalSlot.unit(slot);
        long offset = node.layout().spanHeader(span);
        requireNotHeld(
                slot, others, offset, word -> SpanHeader.map(word) & JournalSlot.mask(slot), () -> others.chunks(span));
    }

    private void requireSpansNotHeld(long slot, int section, Coverage others) {
        long offset = node.layout().sectionWord(section);
        int mask = JournalSlot.coveredSpans(slot, section);
        requireNotHeld(slot, others, offset, word -> SectionWord.takenSpans(word) & mask, () -> others.spans(section));
    }

    private void requireNotHeld(
            long slot, Coverage others, long offset, LongToIntFunction usedUnits, IntSupplier coveredUnits) {
        while (true) {
            long word = node.metadata().getWord(offset);
            int used = usedUnits.applyAsInt(word);
            if ((used & ~coveredUnits.getAsInt()) == 0) {
                return;
            }
            others.read(ownerId);
            boolean covered = (used & ~coveredUnits.getAsInt()) == 0;
            if (!covered && node.metadata().getWord(offset) == word) {
                throw stillHeld(slot);
            }
        }
    }

    private InvalidRequest stillHeld(long slot) {
        return new InvalidRequest(
                "the owner still holds memory: free it before leaving",
                "owner",
                ownerId,
                "slot",
                JournalSlot.toString(slot));
    }

    private void fence() {
        long nanos = node.options().fenceTimeout().toNanos();
        for (Connection connection : connections) {
            connection.fence(nanos);
        }
        connections.forEach(Connection::close);
        connections.clear();
    }

    @Override
    public AuditReport audit() {
        return node.audit();
    }

    private void requireOwner() {
        requireOpen();
        if (ownerId == NO_OWNER) {
            throw new InvalidRequest("the session is not registered as an owner", "peer", peerName);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new MemoryClosed("the session was closed");
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ownerId != NO_OWNER) {
            LOG.warn("owner {} ({}) ended without leaving: it is fenced, its memory stays reserved", ownerId, peerName);
        }
        try {
            fence();
        } catch (OperationTimeout e) {
            LOG.error("owner {} ({}) could not be fenced: {}", ownerId, peerName, e.getMessage());
            connections.forEach(Connection::close);
        }
        node.ended(this);
    }
}
