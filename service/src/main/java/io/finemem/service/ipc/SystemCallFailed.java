package io.finemem.service.ipc;

import java.io.IOException;
import jnr.ffi.Runtime;

/** A system call failed. */
public final class SystemCallFailed extends IOException {
    /** Try again. */
    public static final int EAGAIN = 11;
    /** No file descriptor is left in the system. */
    public static final int ENFILE = 23;
    /** No file descriptor is left in this process. */
    public static final int EMFILE = 24;

    static final int EINTR = 4;
    static final int ECONNRESET = 104;
    static final int EBADF = 9;
    static final int ERANGE = 34;
    static final int ENOPROTOOPT = 92;
    static final int ENAMETOOLONG = 36;

    private static final long serialVersionUID = 1L;

    private final int errno;

    private SystemCallFailed(String call, int errno) {
        super(call + ": errno " + errno + ", " + LibC.C.strerror(errno));
        this.errno = errno;
    }

    /** The failure of this thread's latest call. */
    static SystemCallFailed of(String call) {
        return new SystemCallFailed(call, lastErrno());
    }

    /** This side has closed the descriptor. */
    static SystemCallFailed closed(String call) {
        return new SystemCallFailed(call, EBADF);
    }

    /** The name of a socket does not fit into an address. */
    static SystemCallFailed tooLong(String call) {
        return new SystemCallFailed(call, ENAMETOOLONG);
    }

    static int lastErrno() {
        return Runtime.getSystemRuntime().getLastError();
    }

    static int check(String call, int result) throws SystemCallFailed {
        if (result < 0) {
            throw of(call);
        }
        return result;
    }

    /** The error number. */
    public int errno() {
        return errno;
    }

    /** Whether file descriptors ran out. */
    public boolean outOfDescriptors() {
        return errno == EMFILE || errno == ENFILE;
    }
}
