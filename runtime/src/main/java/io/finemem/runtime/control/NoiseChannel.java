package io.finemem.runtime.control;

import io.finemem.api.ProtocolViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Optional;

/**
 * Encrypted messages over a connection whose handshake is done. Not thread-safe, but for {@link #close}.
 *
 * <pre>
 *   +--------------+----------------------------------+----------+
 *   | length  u16  | ciphertext, at most 32 KiB       | tag   16 |     length counts ciphertext and tag
 *   +--------------+----------------------------------+----------+
 * </pre>
 */
final class NoiseChannel implements SecureChannel {
    private static final int LENGTH_BYTES = Short.BYTES;
    private static final int MAX_FRAME_BYTES = ControlCodec.MAX_MESSAGE_BYTES + CipherState.TAG_BYTES;
    private static final byte[] NO_DATA = new byte[0];

    private final TimedSocket socket;
    private final NoiseHandshake.TransportKeys keys;

    NoiseChannel(TimedSocket socket, NoiseHandshake.TransportKeys keys) {
        this.socket = socket;
        this.keys = keys;
    }

    @Override
    public void send(byte[] message, Deadline deadline) throws IOException {
        byte[] sealed;
        try {
            sealed = keys.send().encrypt(NO_DATA, message);
        } catch (GeneralSecurityException e) {
            throw new ProtocolViolation(e, "control message cannot be encrypted");
        }
        if (sealed.length > MAX_FRAME_BYTES) {
            throw new ProtocolViolation("control message is too long", "bytes", message.length);
        }
        ByteBuffer frame = ByteBuffer.allocate(LENGTH_BYTES + sealed.length);
        frame.putShort((short) sealed.length).put(sealed).flip();
        socket.writeFully(frame, deadline);
    }

    @Override
    public byte[] receive(Deadline deadline) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(LENGTH_BYTES);
        socket.readFully(header, deadline);
        int length = header.getShort() & 0xffff;
        if (length < CipherState.TAG_BYTES || length > MAX_FRAME_BYTES) {
            throw new ProtocolViolation(
                    "control frame has a length that is not allowed", "bytes", length, "maximum", MAX_FRAME_BYTES);
        }
        ByteBuffer sealed = ByteBuffer.allocate(length);
        socket.readFully(sealed, deadline);
        try {
            return keys.receive().decrypt(NO_DATA, sealed.array());
        } catch (GeneralSecurityException e) {
            throw new ProtocolViolation(e, "control frame was altered, repeated or left out on the way");
        }
    }

    @Override
    public Optional<String> identity() {
        return Optional.empty();
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
