package io.finemem.runtime.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;

/** A peer that writes whatever a test wants on a control connection. */
final class RawPeer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final TimedSocket socket;

    RawPeer(InetSocketAddress address) throws IOException {
        socket = TimedSocket.connect(address, Deadline.after(LIMIT));
    }

    static byte[] firstMessage(PresharedSecret secret) throws GeneralSecurityException {
        byte[] greeting = Greeting.ofClient().encode();
        NoiseHandshake noise = NoiseHandshake.initiator(greeting, secret.key(), X25519.newPrivateKey());
        byte[] message = noise.write(new byte[0]);
        return ByteBuffer.allocate(greeting.length + message.length)
                .put(greeting)
                .put(message)
                .array();
    }

    /** An honest handshake and hello; what follows is the test's. */
    SecureChannel openSession(PresharedSecret secret, String name) throws IOException {
        SecureChannel channel = ControlHandshake.asClient(socket, secret, Deadline.after(LIMIT));
        channel.send(ControlCodec.encode(new ControlRequest.Hello(name)), Deadline.after(LIMIT));
        channel.receive(Deadline.after(LIMIT));
        return channel;
    }

    void write(byte[] bytes) throws IOException {
        socket.writeFully(ByteBuffer.wrap(bytes), Deadline.after(LIMIT));
    }

    byte[] read(int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        socket.readFully(buffer, Deadline.after(LIMIT));
        return buffer.array();
    }

    /** Whether the other side has closed the connection, in good order or not. */
    boolean atEnd() {
        try {
            read(1);
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
