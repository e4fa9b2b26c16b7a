package io.finemem.service.ipc;

import io.finemem.api.ProtocolViolation;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A mapped segment, laid out as in {@link SegmentLayout}.
 *
 * <p><b>No wake-up is lost.</b> The service goes to sleep by {@link #fallAsleep()} and then looks at all request sequences once
 * more; a client publishes its request sequence and then asks {@link #needsBell()}. Both have a full fence between their store
 * and their load, so at least one of them sees the other's store: either the service finds the request, or the client finds
 * that it has to ring. The bell is a packet on the socket, which stays readable until it is read.
 *
 * <p>The same holds for a client that goes to sleep: see {@link Mailbox}.
 */
public final class Segment {
    private final ByteBuffer memory;
    private final Mailbox[] mailboxes;

    private Segment(ByteBuffer memory, int mailboxes) {
        this.memory = memory;
        this.mailboxes = new Mailbox[mailboxes];
        for (int i = 0; i < mailboxes; i++) {
            this.mailboxes[i] = new Mailbox(memory, SegmentLayout.mailboxAt(i));
        }
    }

    /** The service's side: writes the header of zeroed memory. */
    public static Segment format(ByteBuffer memory, int mailboxes) {
        Words.LONG.set(memory, SegmentLayout.MAGIC_AT, SegmentLayout.MAGIC);
        Words.INT.set(memory, SegmentLayout.VERSION_AT, SegmentLayout.VERSION);
        Words.INT.set(memory, SegmentLayout.MAILBOXES_AT, mailboxes);
        return new Segment(memory, mailboxes);
    }

    /**
     * The side that did not make it: checks the header.
     *
     * @throws ProtocolViolation if it is not that of such a segment
     */
    public static Segment open(ByteBuffer memory, int mailboxes) {
        long magic = (long) Words.LONG.get(memory, SegmentLayout.MAGIC_AT);
        int version = (int) Words.INT.get(memory, SegmentLayout.VERSION_AT);
        int count = (int) Words.INT.get(memory, SegmentLayout.MAILBOXES_AT);
        if (magic != SegmentLayout.MAGIC || version != SegmentLayout.VERSION || count != mailboxes) {
            throw new ProtocolViolation(
                    "the segment that the allocation service sent has another layout",
                    "version",
                    version,
                    "expectedVersion",
                    SegmentLayout.VERSION,
                    "mailboxes",
                    count);
        }
        return new Segment(memory, mailboxes);
    }

    /** How many mailboxes it has. */
    public int mailboxes() {
        return mailboxes.length;
    }

    /** One of them. */
    public Mailbox mailbox(int index) {
        return mailboxes[index];
    }

    /** The service's side: from now on clients ring. Look at all request sequences afterwards. */
    public void fallAsleep() {
        Words.INT.setOpaque(memory, SegmentLayout.ASLEEP_AT, 1);
        VarHandle.fullFence();
    }

    /** The service's side: looks at mailboxes again. */
    public void awake() {
        Words.INT.setOpaque(memory, SegmentLayout.ASLEEP_AT, 0);
    }

    /** The client's side, after a request was published: whether the service has to be woken. */
    public boolean needsBell() {
        VarHandle.fullFence();
        return (int) Words.INT.getOpaque(memory, SegmentLayout.ASLEEP_AT) != 0;
    }
}
