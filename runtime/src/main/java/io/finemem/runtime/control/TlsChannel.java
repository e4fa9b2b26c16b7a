package io.finemem.runtime.control;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.ProtocolViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Messages over TLS: each has its length before it.
 *
 * <pre>
 *   +--------------+----------------------------------+
 *   | length  u16  | message, at most 32 KiB          |     all of it inside TLS records
 *   +--------------+----------------------------------+
 * </pre>
 *
 * In TLS 1.3 a client is done before the memory node has looked at its certificate: a refusal comes instead of the first message.
 */
final class TlsChannel implements SecureChannel {
    private static final int LENGTH_BYTES = Short.BYTES;
    private static final int MAX_DISCARDED_BYTES = 4096;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TimedSocket socket;
    private final SSLEngine engine;
    /** Records as they come in, in the mode of filling. */
    private final ByteBuffer records;
    /** What was in them, in the mode of reading. */
    private final ByteBuffer plain;

    private ByteBuffer outgoing;
    private Optional<String> identity = Optional.empty();
    private boolean heard;

    private TlsChannel(TimedSocket socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
        records = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .flip();
        outgoing = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    }

    /**
     * Shakes hands.
     *
     * @throws AuthenticationFailed if the other side's certificate is not to be believed
     */
    static TlsChannel open(TimedSocket socket, SSLEngine engine, Deadline deadline) throws IOException {
        TlsChannel channel = new TlsChannel(socket, engine);
        try {
            engine.beginHandshake();
            channel.handshake(deadline);
            channel.identity = Optional.of(channel.peerName());
            return channel;
        } catch (SSLException e) {
            channel.sayWhy(deadline);
            throw refused(e);
        }
    }

    private String peerName() throws SSLPeerUnverifiedException {
        X509Certificate certificate = (X509Certificate) engine.getSession().getPeerCertificates()[0];
        return TlsIdentity.commonName(certificate.getSubjectX500Principal())
                .orElseThrow(() -> new AuthenticationFailed(
                        "the certificate of the other side does not say whose it is: its subject must have a common name of "
                                + NodeName.ALLOWED,
                        "peer",
                        socket.peer()));
    }

    private void handshake(Deadline deadline) throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.NOT_HANDSHAKING && status != HandshakeStatus.FINISHED) {
            status = step(status, deadline);
        }
    }

    private HandshakeStatus step(HandshakeStatus status, Deadline deadline) throws IOException {
        switch (status) {
            case NEED_TASK -> runTasks();
            case NEED_WRAP -> wrap(NOTHING, deadline);
            default -> unwrap(deadline);
        }
        return engine.getHandshakeStatus();
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Tells the other side by an alert, if it is still there to be told. */
    private void sayWhy(Deadline deadline) {
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                wrap(NOTHING, deadline);
            }
            socket.finish(MAX_DISCARDED_BYTES, deadline);
        } catch (IOException e) {
            engine.closeOutbound(); // it has gone, or sends for ever
        }
    }

    private static AuthenticationFailed refused(SSLException e) {
        return new AuthenticationFailed(
                e,
                "certificates were not accepted: " + e.getMessage()
                        + "; both sides need a valid certificate of an authority that the other one trusts",
                "cause",
                rootText(e));
    }

    private static String rootText(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    /** Turns bytes into records and writes them. */
    private void wrap(ByteBuffer bytes, Deadline deadline) throws IOException {
        do {
            outgoing.clear();
            SSLEngineResult result = engine.wrap(bytes, outgoing);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                outgoing = ByteBuffer.allocate(2 * outgoing.capacity());
            } else if (result.getStatus() == Status.CLOSED && bytes.hasRemaining()) {
                throw new IOException("the TLS connection is closed");
            }
            socket.writeFully(outgoing.flip(), deadline);
        } while (bytes.hasRemaining());
    }

    /** Takes one record, reading more bytes if it is not there yet; what was in it is appended to the plain bytes. */
    private void unwrap(Deadline deadline) throws IOException {
        while (true) {
            plain.compact();
            records.flip();
            SSLEngineResult result;
            try {
                result = engine.unwrap(records, plain);
            } finally {
                records.compact();
                plain.flip();
            }
            switch (result.getStatus()) {
                case OK -> {
                    return;
                }
                case BUFFER_UNDERFLOW -> socket.readSome(records, deadline);
                case CLOSED -> throw new java.io.EOFException("the other side closed the connection");
                case BUFFER_OVERFLOW -> throw new ProtocolViolation("a TLS record is too long");
                default -> throw new IllegalStateException("status " + result.getStatus());
            }
        }
    }

    @Override
    public void send(byte[] message, Deadline deadline) throws IOException {
        if (message.length > ControlCodec.MAX_MESSAGE_BYTES) {
            throw new ProtocolViolation("control message is too long", "bytes", message.length);
        }
        ByteBuffer frame = ByteBuffer.allocate(LENGTH_BYTES + message.length);
        wrap(frame.putShort((short) message.length).put(message).flip(), deadline);
    }

    @Override
    public byte[] receive(Deadline deadline) throws IOException {
        try {
            byte[] header = take(LENGTH_BYTES, deadline);
            heard = true;
            int length = (header[0] & 0xff) << Byte.SIZE | header[1] & 0xff;
            if (length > ControlCodec.MAX_MESSAGE_BYTES) {
                throw new ProtocolViolation(
                        "control frame has a length that is not allowed",
                        "bytes",
                        length,
                        "maximum",
                        ControlCodec.MAX_MESSAGE_BYTES);
            }
            return take(length, deadline);
        } catch (SSLException e) {
            if (heard) {
                throw new ProtocolViolation(e, "control frame was altered, repeated or left out on the way");
            }
            throw refused(e);
        }
    }

    private byte[] take(int bytes, Deadline deadline) throws IOException {
        byte[] taken = new byte[bytes];
        for (int have = 0; have < bytes; ) {
            if (!plain.hasRemaining()) {
                unwrap(deadline);
                answerHandshake(deadline);
            }
            int more = Math.min(plain.remaining(), bytes - have);
            plain.get(taken, have, more);
            have += more;
        }
        return taken;
    }

    /** New keys and tickets come between messages. */
    private void answerHandshake(Deadline deadline) throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
            status = step(status, deadline);
        }
    }

    @Override
    public Optional<String> identity() {
        return identity;
    }

    @Override
    public String peer() {
        return socket.peer();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
