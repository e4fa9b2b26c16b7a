package io.finemem.service.ipc;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Anonymous memory that two processes share: it has no name, is reached only by who was given its descriptor, and ends with the
 * last of its holders. Its size is sealed: no holder can shorten it, which would kill the other by SIGBUS.
 */
public final class SharedSegment implements Closeable {
    private static final int MFD_CLOEXEC_ALLOW_SEALING = 1 | 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int SEAL_SEAL_SHRINK_GROW = 1 | 2 | 4;

    private final Descriptor descriptor;
    private final ByteBuffer memory;

    private SharedSegment(Descriptor descriptor, ByteBuffer memory) {
        this.descriptor = descriptor;
        this.memory = memory;
    }

    /** New zeroed memory. */
    public static SharedSegment create(String name, int bytes) throws IOException {
        byte[] text = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Descriptor descriptor;
        try (Raw zeroTerminated = new Raw(text.length + 1L)) {
            zeroTerminated.put(0, text);
            descriptor = new Descriptor(SystemCallFailed.check(
                    "memfd_create", LibC.C.memfd_create(zeroTerminated.at(0), MFD_CLOEXEC_ALLOW_SEALING)));
        }
        try {
            SystemCallFailed.check("ftruncate", LibC.C.ftruncate(descriptor.fd(), bytes));
            SystemCallFailed.check(
                    "fcntl F_ADD_SEALS", LibC.C.fcntl(descriptor.fd(), F_ADD_SEALS, SEAL_SEAL_SHRINK_GROW));
            return new SharedSegment(descriptor, map(descriptor, bytes));
        } catch (IOException e) {
            descriptor.close();
            throw e;
        }
    }

    /**
     * Maps memory that another process made.
     *
     * @param fd its descriptor, closed with the segment or if it cannot be mapped
     * @throws IOException if it has not that many bytes
     */
    public static SharedSegment adopt(int fd, int bytes) throws IOException {
        Descriptor descriptor = new Descriptor(fd);
        try {
            return new SharedSegment(descriptor, map(descriptor, bytes));
        } catch (IOException e) {
            descriptor.close();
            throw e;
        }
    }

    /**
     * As {@link #adopt}, from who is not trusted.
     *
     * @throws IOException if its holders could still shorten it
     */
    public static SharedSegment adoptSealed(int fd, int bytes) throws IOException {
        Descriptor descriptor = new Descriptor(fd);
        try {
            int seals = SystemCallFailed.check("fcntl F_GET_SEALS", LibC.C.fcntl(fd, F_GET_SEALS, 0));
            if ((seals & SEAL_SEAL_SHRINK_GROW) != SEAL_SEAL_SHRINK_GROW) {
                throw new IOException("the size of the segment is not sealed");
            }
            return new SharedSegment(descriptor, map(descriptor, bytes));
        } catch (IOException e) {
            descriptor.close();
            throw e;
        }
    }

    private static ByteBuffer map(Descriptor descriptor, int bytes) throws IOException {
        Path path = Path.of("/proc/self/fd/" + descriptor.fd());
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() != bytes) {
                throw new IOException("the segment has " + channel.size() + " bytes instead of " + bytes);
            }
            return channel.map(MapMode.READ_WRITE, 0, bytes);
        }
    }

    /** Its bytes; usable for as long as the buffer is reachable, also after {@link #close()}. */
    public ByteBuffer memory() {
        return memory;
    }

    int fd() {
        return descriptor.fd();
    }

    /** Gives the descriptor back. */
    @Override
    public void close() {
        descriptor.close();
    }
}
