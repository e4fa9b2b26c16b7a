package io.finemem.service.client;

import io.finemem.allocator.data.HeapPorts;
import io.finemem.allocator.data.HeldBlock;
import io.finemem.allocator.layout.Geometry;
import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import io.finemem.service.ipc.BlockRecord;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Opcode;
import io.finemem.spi.transport.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;

/**
 * What the service answers, made into blocks: asks it for the memory nodes that are new and for the rkeys that an answer has no
 * room for.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread, those with a mailbox by who has it.
 */
final class Answers {
    /** A node that was lost and has come back is another one. */
    private static final int MAX_NODES = 1 << 16;

    private final ServiceLink link;
    private final Mailboxes mailboxes;
    private final ProtectionDomain domain;
    private final HeapPorts ports;
    /** Names by index; only added to. */
    private volatile List<String> nodes;

    Answers(ServiceLink link, Mailboxes mailboxes, ProtectionDomain domain, HeapPorts ports) {
        this.link = link;
        this.mailboxes = mailboxes;
        this.domain = domain;
        this.ports = ports;
        this.nodes = link.welcome().nodes();
    }

    /** Names of the memory nodes that are known. */
    List<String> nodes() {
        return nodes;
    }

    /** What a block can be held in. */
    ServiceBlock vacant() {
        return new ServiceBlock(nodes.get(0));
    }

    /** The one block of an answer, which goes back if it cannot be described. */
    ServiceBlock take(int position) {
        BlockRecord record = mailboxes.box(position).record(0);
        try {
            return described(position, record);
        } catch (FineMemException e) {
            giveBack(position, record.handle());
            throw e;
        }
    }

    /** As {@link #take}, held in what is vacant; no garbage for a block of up to 2 MiB on a known memory node. */
    void takeInto(int position, ServiceBlock vacant) {
        Mailbox box = mailboxes.box(position);
        List<String> known = nodes;
        int node = box.recordNode(0);
        if (node < known.size() && !box.recordKeysDiffer(0)) {
            vacant.hold(known.get(node), box);
            return;
        }
        BlockRecord record = box.record(0);
        try {
            int[] keys = keysOf(position, record);
            vacant.hold(nodes.get(record.node()), record, keys);
        } catch (FineMemException e) {
            giveBack(position, record.handle());
            throw e;
        }
    }

    private void giveBack(int position, long handle) {
        mailboxes.box(position).putRequestWord(0, handle);
        mailboxes.call(position, Opcode.FREE, 1, 0);
    }

    /** The block of a record; uses the mailbox to ask for what the record does not say. */
    ServiceBlock described(int position, BlockRecord record) {
        int[] keys = keysOf(position, record);
        return new ServiceBlock(nodes.get(record.node()), record, keys);
    }

    private int[] keysOf(int position, BlockRecord record) {
        if (record.node() >= nodes.size()) {
            meetNodes(record.node());
        }
        return record.keysDiffer() ? keys(position, record) : HeldBlock.ONE_RKEY;
    }

    /** Memory nodes that joined since the welcome. */
    private synchronized void meetNodes(int last) {
        if (last >= MAX_NODES) {
            throw new ProtocolViolation("the service named a memory node that it cannot have", "node", last);
        }
        List<String> known = new ArrayList<>(nodes);
        while (known.size() <= last) {
            String name = link.locate(known.size());
            ports.add(new ServiceConnector(domain, link, known.size(), name));
            known.add(name);
            nodes = List.copyOf(known);
        }
    }

    /** The rkeys of a block's sections, as many at a time as a mailbox holds. */
    private int[] keys(int position, BlockRecord record) {
        int[] keys = new int[(int) Geometry.sectionsOf((long) record.chunks() * Geometry.CHUNK_BYTES)];
        for (int first = 0; first < keys.length; ) {
            mailboxes.box(position).putRequestWord(0, record.handle());
            mailboxes.call(position, Opcode.KEYS, 1, first);
            int count = Math.min(mailboxes.box(position).responseCount(), keys.length - first);
            if (count < 1) {
                throw new ProtocolViolation("the service has no rkeys for a block", "section", first);
            }
            for (int i = 0; i < count; i++) {
                keys[first + i] = mailboxes.box(position).key(i);
            }
            first += count;
        }
        return keys;
    }
}
