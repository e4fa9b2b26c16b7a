package io.finemem.service.server;

import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import io.finemem.service.ipc.Frame;
import io.finemem.service.ipc.FrameCodec;
import io.finemem.service.ipc.Mailbox;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.Segment;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One application's connection to the service. Used by its serving thread, and after its end by one courier, but for {@link
 * #send} and {@link #answered}.
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final Peer peer;
    private final UnixSocket socket;
    private final Segment segment;
    private final Holdings holdings;
    private final SessionRequests requests;
    private final int[] served;
    private final AtomicBoolean errand = new AtomicBoolean();
    private int next;
    private long lastRequestNanos;
    private boolean asleep;
    private volatile String deafness = "";

    Session(Peer peer, UnixSocket socket, Segment segment, Holdings holdings) {
        this.peer = peer;
        this.socket = socket;
        this.segment = segment;
        this.holdings = holdings;
        this.requests = holdings.requests();
        this.served = new int[segment.mailboxes()];
    }

    /**
     * Goes on where the service was when it was restarted: what was answered stays so, what was carried out is answered again, and what
     * was not is a request like any other.
     *
     * @throws ProtocolViolation if the segment is in no possible state
     */
    void takeUp() {
        for (int i = 0; i < served.length; i++) {
            Mailbox mailbox = segment.mailbox(i);
            int answered = mailbox.responseSequence();
            int asked = mailbox.requestSequence();
            if (asked != answered && asked != answered + 1) {
                throw new ProtocolViolation("a mailbox skipped requests", "mailbox", i, "sequence", asked);
            }
            served[i] = asked != answered && requests.answerAgain(mailbox, i, asked) ? asked : answered;
        }
    }

    Peer peer() {
        return peer;
    }

    UnixSocket socket() {
        return socket;
    }

    Holdings holdings() {
        return holdings;
    }

    boolean asleep() {
        return asleep;
    }

    /** Looks at its mailboxes from now on. */
    void awake(long now) {
        asleep = false;
        segment.awake();
        lastRequestNanos = now;
    }

    /**
     * Serves requests in turn, about {@code budget} blocks of work: what is left has to wait for the other sessions.
     *
     * @return whether there was any
     * @throws ProtocolViolation if the client does not keep to the protocol
     */
    boolean serve(int budget, long now) {
        int work = 0;
        for (int looked = 0; looked < served.length && work < budget; looked++) {
            int position = next;
            next = position + 1 == served.length ? 0 : position + 1;
            int sequence = segment.mailbox(position).requestSequence();
            if (sequence != served[position]) {
                if (sequence != served[position] + 1) {
                    throw new ProtocolViolation(
                            "a mailbox skipped requests",
                            "mailbox",
                            position,
                            "sequence",
                            sequence,
                            "expected",
                            served[position] + 1);
                }
                served[position] = sequence;
                work += requests.serve(segment.mailbox(position), position, sequence);
            }
        }
        if (work > 0) {
            lastRequestNanos = now;
        }
        return work > 0;
    }

    /** Goes to sleep if there was no request for so long, and none comes in between. */
    void sleepIfIdle(long now, long idleNanos) {
        if (now - lastRequestNanos < idleNanos) {
            return;
        }
        segment.fallAsleep();
        for (int i = 0; i < served.length; i++) {
            if (segment.mailbox(i).requestSequence() != served[i]) {
                segment.awake();
                return;
            }
        }
        asleep = true;
    }

    /** Whether another errand of this session may be sent to a courier: one at a time. */
    boolean beginErrand() {
        return errand.compareAndSet(false, true);
    }

    /** The errand is done. */
    void answered(Frame answer) {
        errand.set(false);
        send(answer);
    }

    /** Sends a frame; a client that does not read its socket does not get it. */
    void send(Frame frame) {
        try {
            if (!socket.send(FrameCodec.encode(frame))) {
                deafness =
                        ": it did not read its socket, so a " + frame.getClass().getSimpleName() + " was dropped";
                socket.shutdown(); // seen by the serving thread as the end
            }
        } catch (SystemCallFailed e) {
            LOG.debug("{} is gone: {}", this, e.getMessage());
        }
    }

    /** What was dropped because the client does not read its socket, to be added to the log of its end; or nothing. */
    String deafness() {
        return deafness;
    }

    void sayFarewell(FineMemException reason) {
        send(new Frame.Farewell(reason.code().number(), reason.getMessage()));
    }

    @Override
    public String toString() {
        return holdings + " (pid " + peer.pid() + ", uid " + peer.uid() + ")";
    }
}
