package io.finemem.runtime.control;

import java.io.IOException;
import java.util.Optional;

/** Encrypted messages over a connection whose handshake is done. Not thread-safe, but for {@link #close}. */
interface SecureChannel extends AutoCloseable {
    /** Sends a message of at most {@link ControlCodec#MAX_MESSAGE_BYTES}. */
    void send(byte[] message, Deadline deadline) throws IOException;

    /** The next message; its length is checked before memory is taken for it. */
    byte[] receive(Deadline deadline) throws IOException;

    /** Who the other side has proved to be; empty if all that it proved is that it has the secret. */
    Optional<String> identity();

    /** Where the other side is, for logs. */
    String peer();

    @Override
    void close() throws IOException;
}
