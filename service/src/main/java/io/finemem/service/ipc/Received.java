package io.finemem.service.ipc;

import java.nio.ByteBuffer;

/**
 * A packet from a {@link UnixSocket}.
 *
 * @param bytes its content
 * @param senderPid process that sent it, 0 if the socket was not told to {@linkplain UnixSocket#tellSenders tell}
 * @param descriptor a file descriptor that came with it and that the receiver must close, or -1
 * @param cut whether a part of the packet, or a descriptor, was dropped: it was too long, or this process has no descriptor left
 */
public record Received(ByteBuffer bytes, int senderPid, int descriptor, boolean cut) {
    static final Received END = new Received(ByteBuffer.allocate(0), 0, -1, false);

    /** Whether the peer is gone. No frame is empty. */
    public boolean end() {
        return !bytes.hasRemaining() && descriptor < 0;
    }

    /** Gives a descriptor back that nobody wants. */
    public void drop() {
        if (descriptor >= 0) {
            LibC.C.close(descriptor);
        }
    }
}
