package io.finemem.runtime.control;

import io.finemem.api.AuthenticationFailed;
import io.finemem.api.ProtocolViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Locale;

/** Turns a bare connection into an encrypted one, or says why not. */
final class ControlHandshake {
    private static final byte[] NOTHING = new byte[0];
    private static final int MAX_DISCARDED_BYTES = 4096;
    private static final String SAME_SECRET = "both sides must use the same secret file";

    private ControlHandshake() {}

    /** The memory node has too many connections; a little later it may have room. */
    static final class Busy extends IOException {
        private static final long serialVersionUID = 1L;

        Busy() {
            super("the memory node has too many connections at the moment");
        }
    }

    /** The client's side. */
    static SecureChannel asClient(TimedSocket socket, ControlSecurity security, Deadline deadline) throws IOException {
        if (security instanceof TlsIdentity tls) {
            socket.writeFully(
                    ByteBuffer.wrap(Greeting.ofClient(Greeting.Mode.TLS).encode()), deadline);
            requireWelcome(Greeting.decode(read(socket, Greeting.BYTES, deadline)), Greeting.Mode.TLS);
            return TlsChannel.open(socket, tls.newEngine(true), deadline);
        }
        return asClient(socket, (PresharedSecret) security, deadline);
    }

    private static SecureChannel asClient(TimedSocket socket, PresharedSecret secret, Deadline deadline)
            throws IOException {
        byte[] greeting = Greeting.ofClient().encode();
        try {
            NoiseHandshake noise = NoiseHandshake.initiator(greeting, secret.key(), X25519.newPrivateKey());
            socket.writeFully(joined(greeting, noise.write(NOTHING)), deadline);
            requireWelcome(Greeting.decode(read(socket, Greeting.BYTES, deadline)), Greeting.Mode.PSK);
            noise.read(read(socket, NoiseHandshake.MESSAGE_BYTES, deadline));
            return new NoiseChannel(socket, noise.transportKeys());
        } catch (GeneralSecurityException e) {
            throw new AuthenticationFailed(
                    e, "the memory node did not prove that it knows the secret; " + SAME_SECRET, "node", socket.peer());
        }
    }

    /** The memory node's side; the client may still be a replay until its first message arrives. */
    static SecureChannel asMemoryNode(TimedSocket socket, ControlSecurity security, Deadline deadline)
            throws IOException {
        byte[] greeting = read(socket, Greeting.BYTES, deadline);
        Greeting client = Greeting.decode(greeting);
        if (client.version() != ControlCodec.VERSION) {
            refuse(socket, Greeting.Status.WRONG_VERSION, deadline);
            socket.finish(MAX_DISCARDED_BYTES, deadline);
            throw otherVersion("client", client.version());
        }
        Greeting.Mode mode = Greeting.Mode.of(security);
        if (client.mode() != mode) {
            refuse(socket, Greeting.Status.WRONG_MODE, deadline);
            socket.finish(MAX_DISCARDED_BYTES, deadline);
            throw otherMode("client", client.mode(), mode);
        }
        if (security instanceof TlsIdentity tls) {
            Greeting welcome = new Greeting(ControlCodec.VERSION, Greeting.Status.OK, mode);
            socket.writeFully(ByteBuffer.wrap(welcome.encode()), deadline);
            return TlsChannel.open(socket, tls.newEngine(false), deadline);
        }
        return asMemoryNode(socket, (PresharedSecret) security, greeting, deadline);
    }

    private static SecureChannel asMemoryNode(
            TimedSocket socket, PresharedSecret secret, byte[] greeting, Deadline deadline) throws IOException {
        byte[] first = read(socket, NoiseHandshake.MESSAGE_BYTES, deadline);
        try {
            NoiseHandshake noise = NoiseHandshake.responder(greeting, secret.key(), X25519.newPrivateKey());
            noise.read(first);
            byte[] answer = Greeting.ofMemoryNode(Greeting.Status.OK).encode();
            socket.writeFully(joined(answer, noise.write(NOTHING)), deadline);
            return new NoiseChannel(socket, noise.transportKeys());
        } catch (GeneralSecurityException e) {
            refuse(socket, Greeting.Status.WRONG_SECRET, deadline);
            throw new AuthenticationFailed(e, "a client did not prove that it knows the secret; " + SAME_SECRET);
        }
    }

    static void refuse(TimedSocket socket, Greeting.Status status, Deadline deadline) throws IOException {
        socket.writeFully(ByteBuffer.wrap(Greeting.ofMemoryNode(status).encode()), deadline);
    }

    private static void requireWelcome(Greeting node, Greeting.Mode mode) throws Busy {
        switch (node.status()) {
            case OK -> {}
            case WRONG_SECRET ->
                throw new AuthenticationFailed("the memory node refused the secret of this client; " + SAME_SECRET);
            case WRONG_VERSION -> throw otherVersion("memory node", node.version());
            case BUSY -> throw new Busy();
            case WRONG_MODE ->
                throw otherMode("memory node", mode == Greeting.Mode.PSK ? Greeting.Mode.TLS : Greeting.Mode.PSK, mode);
        }
    }

    private static AuthenticationFailed otherMode(String who, Greeting.Mode its, Greeting.Mode own) {
        return new AuthenticationFailed("the " + who + " has finemem.control.security = "
                + its.name().toLowerCase(Locale.ROOT) + ", this side has "
                + own.name().toLowerCase(Locale.ROOT) + "; both sides must use the same");
    }

    private static ProtocolViolation otherVersion(String who, int version) {
        return new ProtocolViolation("the " + who + " speaks version " + version
                + " of the control protocol, this side speaks version " + ControlCodec.VERSION
                + "; use the same release of FineMem on both sides");
    }

    private static byte[] read(TimedSocket socket, int bytes, Deadline deadline) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        socket.readFully(buffer, deadline);
        return buffer.array();
    }

    private static ByteBuffer joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .flip();
    }
}
