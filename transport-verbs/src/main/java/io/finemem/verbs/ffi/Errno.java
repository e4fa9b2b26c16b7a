package io.finemem.verbs.ffi;

import jnr.ffi.Runtime;

/** Error numbers of libc and what they are called. */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = 1;
    /** No such file or directory. */
    public static final int ENOENT = 2;
    /** Interrupted system call. */
    public static final int EINTR = 4;
    /** Try again. */
    public static final int EAGAIN = 11;
    /** Out of memory; from the RDMA stack mostly: the limit of locked memory, or a full send queue. */
    public static final int ENOMEM = 12;
    /** Permission denied. */
    public static final int EACCES = 13;
    /** Bad address. */
    public static final int EFAULT = 14;
    /** Device or resource busy. */
    public static final int EBUSY = 16;
    /** Invalid argument. */
    public static final int EINVAL = 22;
    /** Connection timed out. */
    public static final int ETIMEDOUT = 110;

    private Errno() {}

    /** The error number of this thread's latest call by name that failed. */
    public static int last() {
        return Runtime.getSystemRuntime().getLastError();
    }

    /** Number and text, such as {@code errno 12, Cannot allocate memory}. Some functions return the number negated. */
    public static String describe(int errno) {
        int number = Math.abs(errno);
        return "errno " + number + ", " + NativeLibraries.libc().strerror(number);
    }
}
