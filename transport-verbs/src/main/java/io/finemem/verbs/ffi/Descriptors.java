package io.finemem.verbs.ffi;

import java.util.concurrent.TimeUnit;

/** Waiting for file descriptors: event and completion channels. */
public final class Descriptors {
    private static final int EVENTS = Integer.BYTES;
    private static final int POLLFD_BYTES = Integer.BYTES + 2 * Short.BYTES;

    private Descriptors() {}

    /**
     * Waits until the descriptor can be read. Signals do not end the wait.
     *
     * @param timeoutMillis 0 to return at once, negative for ever
     * @return 1 if it can be read, 0 if the time is over, or a negated error number
     */
    public static int awaitReadable(int fd, int timeoutMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        int left = timeoutMillis;
        try (Scratch pollfd = new Scratch(POLLFD_BYTES)) {
            NativeMemory.putInt(pollfd.address(), fd);
            NativeMemory.putShort(pollfd.address() + EVENTS, LibC.POLLIN);
            while (true) {
                int ready = NativeLibraries.libc().poll(pollfd.address(), 1, left);
                if (ready >= 0) {
                    return ready;
                }
                int errno = Errno.last();
                if (errno != Errno.EINTR) {
                    return -errno;
                }
                if (timeoutMillis > 0) {
                    left = (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
                }
            }
        }
    }

    /** Makes reads return instead of wait. Returns 0 or an error number. */
    public static int setNonBlocking(int fd) {
        int flags = NativeLibraries.libc().fcntl(fd, LibC.F_GETFL, 0);
        if (flags < 0 || NativeLibraries.libc().fcntl(fd, LibC.F_SETFL, flags | LibC.O_NONBLOCK) < 0) {
            return Errno.last();
        }
        return 0;
    }
}
