package io.finemem.service.ipc;

import java.io.Closeable;

/**
 * A file descriptor that is closed once. A number that was closed may be another file's the next moment, so whoever uses it
 * holds this object's monitor, or is the only user.
 */
final class Descriptor implements Closeable {
    private int fd;

    Descriptor(int fd) {
        this.fd = fd;
    }

    /** The number, or -1 after {@link #close()}: system calls refuse that with EBADF. */
    synchronized int fd() {
        return fd;
    }

    @Override
    public synchronized void close() {
        if (fd >= 0) {
            LibC.C.close(fd);
            fd = -1;
        }
    }
}
