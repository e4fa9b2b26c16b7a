package io.finemem.service.ipc;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket of packets ({@code SOCK_SEQPACKET}): a packet arrives whole or not at all, and may carry a file descriptor.
 * No call blocks; a {@link PollSet} waits.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. A packet is at most {@link #MAX_PACKET} bytes long.
 */
public final class UnixSocket implements Closeable {
    /** Longest packet. */
    public static final int MAX_PACKET = 8192;

    private static final int AF_UNIX = 1;
    private static final int SEQPACKET = 5;
    private static final int CLOEXEC = 0x80000;
    private static final int NONBLOCK = 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PASSCRED = 16;
    private static final int SO_PEERCRED = 17;
    private static final int SO_PEERGROUPS = 59;
    private static final int USUAL_GROUPS = 64;
    private static final int SHUT_RDWR = 2;
    private static final int PATH_BYTES = 108;
    private static final int CREDENTIAL_BYTES = 12;
    private static final int BACKLOG = 64;

    private final Descriptor descriptor;
    private final Packet packet = new Packet();
    private boolean closed;

    private UnixSocket(int fd) {
        this.descriptor = new Descriptor(fd);
    }

    private static UnixSocket open() throws SystemCallFailed {
        NativeCalls.require();
        return new UnixSocket(
                SystemCallFailed.check("socket", LibC.C.socket(AF_UNIX, SEQPACKET | CLOEXEC | NONBLOCK, 0)));
    }

    /** A bound socket, which refuses connections until {@link #listen}. The path must not exist. */
    public static UnixSocket bound(Path path) throws SystemCallFailed {
        UnixSocket socket = open();
        try (Raw address = address(path)) {
            SystemCallFailed.check("bind " + path, LibC.C.bind(socket.fd(), address.at(0), Short.BYTES + PATH_BYTES));
            return socket;
        } catch (SystemCallFailed e) {
            socket.close();
            throw e;
        }
    }

    /** A connected socket. */
    public static UnixSocket connected(Path path) throws SystemCallFailed {
        UnixSocket socket = open();
        try (Raw address = address(path)) {
            SystemCallFailed.check(
                    "connect " + path, LibC.C.connect(socket.fd(), address.at(0), Short.BYTES + PATH_BYTES));
            return socket;
        } catch (SystemCallFailed e) {
            socket.close();
            throw e;
        }
    }

    /** Whether a path is short enough for a socket's address. */
    public static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length < PATH_BYTES;
    }

    private static Raw address(Path path) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length >= PATH_BYTES) {
            throw new IllegalArgumentException("a socket's path has at most 107 bytes: " + path);
        }
        Raw address = new Raw(Short.BYTES + PATH_BYTES);
        address.putShort(0, AF_UNIX);
        address.put(Short.BYTES, name);
        return address;
    }

    /** Lets others connect. */
    public void listen() throws SystemCallFailed {
        SystemCallFailed.check("listen", LibC.C.listen(fd(), BACKLOG));
    }

    /**
     * Takes the next connection.
     *
     * @return null if there is none
     */
    public @Nullable UnixSocket accept() throws SystemCallFailed {
        int fd = LibC.C.accept4(fd(), 0, 0, CLOEXEC | NONBLOCK);
        if (fd >= 0) {
            return new UnixSocket(fd);
        }
        int errno = SystemCallFailed.lastErrno();
        if (errno == SystemCallFailed.EAGAIN || errno == SystemCallFailed.EINTR) {
            return null;
        }
        throw SystemCallFailed.of("accept");
    }

    /** Who connected, or whom this side connected to. */
    public Peer peer() throws SystemCallFailed {
        try (Raw value = new Raw(CREDENTIAL_BYTES + Integer.BYTES)) {
            value.putInt(CREDENTIAL_BYTES, CREDENTIAL_BYTES);
            SystemCallFailed.check(
                    "getsockopt",
                    LibC.C.getsockopt(fd(), SOL_SOCKET, SO_PEERCRED, value.at(0), value.at(CREDENTIAL_BYTES)));
            return new Peer(value.getInt(0), value.getInt(Integer.BYTES), value.getInt(2 * Integer.BYTES), groups());
        }
    }

    /** Supplementary groups of the peer. */
    private Set<Integer> groups() throws SystemCallFailed {
        int bytes = USUAL_GROUPS * Integer.BYTES;
        while (true) {
            try (Raw value = new Raw(Integer.BYTES + bytes)) {
                value.putInt(0, bytes);
                if (LibC.C.getsockopt(fd(), SOL_SOCKET, SO_PEERGROUPS, value.at(Integer.BYTES), value.at(0)) == 0) {
                    return IntStream.range(0, value.getInt(0) / Integer.BYTES)
                            .mapToObj(i -> value.getInt(Integer.BYTES + (long) i * Integer.BYTES))
                            .collect(Collectors.toUnmodifiableSet());
                }
                int errno = SystemCallFailed.lastErrno();
                if (errno == SystemCallFailed.ENOPROTOOPT) {
                    return Set.of();
                }
                if (errno != SystemCallFailed.ERANGE || value.getInt(0) <= bytes) {
                    throw SystemCallFailed.of("getsockopt");
                }
                bytes = value.getInt(0);
            }
        }
    }

    /**
     * From now on each {@link #receive} tells which process sent the packet; the kernel vouches for it. On a socket that listens it
     * holds for all that it accepts, from their first packet on.
     */
    public void tellSenders() throws SystemCallFailed {
        try (Raw value = new Raw(Integer.BYTES)) {
            value.putInt(0, 1);
            SystemCallFailed.check(
                    "setsockopt", LibC.C.setsockopt(fd(), SOL_SOCKET, SO_PASSCRED, value.at(0), Integer.BYTES));
        }
    }

    int fd() {
        return descriptor.fd();
    }

    /**
     * Sends the remaining bytes as one packet.
     *
     * @return false if there is no room now
     * @throws SystemCallFailed if the peer is gone, or after {@link #close()}
     */
    public boolean send(ByteBuffer bytes) throws SystemCallFailed {
        return send(bytes, -1);
    }

    /** {@link #send(ByteBuffer)} with the descriptor of a segment. */
    public boolean send(ByteBuffer bytes, SharedSegment segment) throws SystemCallFailed {
        return send(bytes, segment.fd());
    }

    private synchronized boolean send(ByteBuffer bytes, int passed) throws SystemCallFailed {
        if (closed) {
            throw SystemCallFailed.closed("sendmsg");
        }
        if (packet.send(fd(), bytes, passed) >= 0) {
            return true;
        }
        if (SystemCallFailed.lastErrno() == SystemCallFailed.EAGAIN) {
            return false;
        }
        throw SystemCallFailed.of("sendmsg");
    }

    /**
     * Takes the next packet.
     *
     * @return null if there is none now; {@link Received#end()} if the peer is gone
     */
    public synchronized @Nullable Received receive() throws SystemCallFailed {
        if (closed) {
            return Received.END;
        }
        long length = packet.receive(fd());
        if (length < 0 && SystemCallFailed.lastErrno() == SystemCallFailed.ECONNRESET) {
            // Said once, by a peer that closed with packets of ours unread; what it sent before comes after it.
            length = packet.receive(fd());
        }
        if (length >= 0) {
            return packet.received((int) length);
        }
        int errno = SystemCallFailed.lastErrno();
        if (errno == SystemCallFailed.EAGAIN || errno == SystemCallFailed.EINTR) {
            return null;
        }
        throw SystemCallFailed.of("recvmsg");
    }

    /** Ends the connection without giving the descriptor back: a thread that polls it is woken. */
    public synchronized void shutdown() {
        if (!closed) {
            LibC.C.shutdown(fd(), SHUT_RDWR);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            descriptor.close();
            packet.close();
        }
    }
}
