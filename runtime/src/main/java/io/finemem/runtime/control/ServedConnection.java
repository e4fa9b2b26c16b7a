package io.finemem.runtime.control;

import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.ProtocolViolation;
import io.finemem.service.server.OccasionalLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection at the memory node, from the handshake to the end of its session; runs in one thread. */
final class ServedConnection implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    private final TimedSocket socket;
    private final InetAddress origin;
    private final ControlLimits limits;
    private final ControlSecurity security;
    private final Function<String, MemoryNodeControl> sessions;
    private final Admission<ServedConnection> admission;
    private final OccasionalLog strangersLog;
    private boolean answering;
    private boolean finishing;

    ServedConnection(
            TimedSocket socket,
            InetAddress origin,
            ControlLimits limits,
            ControlSecurity security,
            Function<String, MemoryNodeControl> sessions,
            Admission<ServedConnection> admission,
            OccasionalLog strangersLog) {
        this.socket = socket;
        this.origin = origin;
        this.limits = limits;
        this.security = security;
        this.sessions = sessions;
        this.admission = admission;
        this.strangersLog = strangersLog;
    }

    /** The address that it came from. */
    InetAddress origin() {
        return origin;
    }

    @Override
    public void run() {
        try {
            Deadline deadline = Deadline.after(limits.handshakeTimeout());
            SecureChannel channel = ControlHandshake.asMemoryNode(socket, security, deadline);
            serve(channel, hello(channel, deadline));
        } catch (AuthenticationFailed | ProtocolViolation e) {
            strangersLog.warn("a control connection was refused: " + e.getMessage() + " from " + socket.peer());
        } catch (IOException e) {
            LOG.debug("a control connection ended during its handshake: {} from {}", e.getMessage(), socket.peer());
        } catch (RuntimeException e) {
            LOG.error("a control connection ended by a defect", e);
        } finally {
            disconnect();
            admission.ended(this);
        }
    }

    /** Cuts the connection once the request at hand is answered, such as the one by which the memory node is stopped. */
    void finish() {
        synchronized (this) {
            finishing = true;
            if (answering) {
                return;
            }
        }
        disconnect();
    }

    private synchronized void answering(boolean now) throws ClosedChannelException {
        answering = now;
        if (finishing) {
            throw new ClosedChannelException();
        }
    }

    /** Cuts the connection; the thread that serves it ends the session. */
    void disconnect() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing a control connection failed", e);
        }
    }

    private static String hello(SecureChannel channel, Deadline deadline) throws IOException {
        if (ControlCodec.decodeRequest(channel.receive(deadline)) instanceof ControlRequest.Hello hello) {
            return channel.identity().orElse(hello.peerName());
        }
        throw new ProtocolViolation("the first message of a control session must be a hello");
    }

    private void serve(SecureChannel channel, String peer) throws IOException {
        switch (admission.authenticated(this)) {
            case ADMITTED -> openSession(channel, peer);
            case FULL ->
                refuse(
                        channel,
                        peer,
                        ErrorCode.OUT_OF_LOCAL_RESOURCES,
                        "the memory node has its limit of " + limits.maxSessions()
                                + " control sessions; raise finemem.memory-node.control.max-sessions there");
            case DROPPED -> LOG.debug("peer {} was dropped in favour of a newer connection", peer);
        }
    }

    private void openSession(SecureChannel channel, String peer) throws IOException {
        ServedSession session;
        try {
            session = new ServedSession(sessions.apply(peer));
        } catch (FineMemException e) {
            refuse(channel, peer, e.code(), String.valueOf(e.getMessage()));
            return;
        }
        LOG.info("peer {} at {} opened a control session", peer, channel.peer());
        String reason = "by a defect";
        try {
            reason = converse(channel, session);
        } finally {
            session.end();
            LOG.info("control session of peer {} at {} ended: {}", peer, channel.peer(), reason);
        }
    }

    private void refuse(SecureChannel channel, String peer, ErrorCode code, String text) throws IOException {
        LOG.warn("peer {} at {} got no session: {}", peer, channel.peer(), text);
        send(channel, new ControlResponse.Failed(code, text));
    }

    /** Serves the session to its end and tells why it ended. */
    private String converse(SecureChannel channel, ServedSession session) {
        long silenceMillis = limits.peerTimeout().toMillis();
        try {
            send(channel, new ControlResponse.Welcome(Math.toIntExact(silenceMillis)));
            return answerAll(channel, session);
        } catch (SocketTimeoutException e) {
            return "no sign of life for " + silenceMillis + " ms, it is taken for dead";
        } catch (ClosedChannelException e) {
            return "the memory node is closing";
        } catch (IOException | ProtocolViolation e) {
            return String.valueOf(e.getMessage());
        }
    }

    private String answerAll(SecureChannel channel, ServedSession session) throws IOException {
        while (true) {
            byte[] message = channel.receive(Deadline.after(limits.peerTimeout()));
            ControlRequest request = ControlCodec.decodeRequest(message);
            answering(true);
            send(channel, session.answer(request));
            answering(false);
            if (session.ended()) {
                return request instanceof ControlRequest.Bye ? "the peer said bye" : "a defect, see above";
            }
        }
    }

    private void send(SecureChannel channel, ControlResponse response) throws IOException {
        channel.send(ControlCodec.encode(response), Deadline.after(limits.peerTimeout()));
    }
}
