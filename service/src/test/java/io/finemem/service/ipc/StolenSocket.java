package io.finemem.service.ipc;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A socket of another process, as one that shares the descriptor has it. */
public final class StolenSocket implements AutoCloseable {
    private static final long PIDFD_OPEN = 434;
    private static final long PIDFD_GETFD = 438;

    private final int fd;

    private StolenSocket(int fd) {
        this.fd = fd;
    }

    public static StolenSocket of(int pid, int fd) throws IOException {
        int process = SystemCallFailed.check("pidfd_open", (int) LibC.C.syscall(PIDFD_OPEN, pid, 0, 0, 0));
        try {
            return new StolenSocket(
                    SystemCallFailed.check("pidfd_getfd", (int) LibC.C.syscall(PIDFD_GETFD, process, fd, 0, 0)));
        } finally {
            LibC.C.close(process);
        }
    }

    /** The number of a socket's descriptor in this process. */
    public static int numberOf(UnixSocket socket) {
        return socket.fd();
    }

    /** Whether something can be read from a socket now; needs no descriptor. */
    public static boolean hasPacket(UnixSocket socket) {
        try (Raw entry = new Raw(Long.BYTES)) {
            entry.putInt(0, socket.fd());
            entry.putShort(Integer.BYTES, 1);
            return LibC.C.poll(entry.at(0), 1, 0) > 0;
        }
    }

    public void send(ByteBuffer bytes) throws IOException {
        try (Packet packet = new Packet()) {
            if (packet.send(fd, bytes, -1) < 0) {
                throw SystemCallFailed.of("sendmsg");
            }
        }
    }

    @Override
    public void close() {
        LibC.C.close(fd);
    }
}
