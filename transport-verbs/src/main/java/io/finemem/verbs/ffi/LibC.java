package io.finemem.verbs.ffi;

import jnr.ffi.Pointer;

/** What is used of libc. Errors are -1 (or null) with {@link Errno#last()}. */
public interface LibC {
    /** {@code PROT_READ | PROT_WRITE}. */
    int PROT_READ_WRITE = 3;
    /** {@code MAP_PRIVATE | MAP_ANONYMOUS}. */
    int MAP_PRIVATE_ANONYMOUS = 0x22;
    /** {@code MAP_HUGETLB}: from a pool of huge pages. */
    int MAP_HUGETLB = 0x40000;
    /** {@code MAP_HUGE_SHIFT}: the binary logarithm of the page size stands from here on. */
    int MAP_HUGE_SHIFT = 26;
    /** {@code MAP_NORESERVE}. */
    int MAP_NORESERVE = 0x4000;
    /** What {@link #mmap} returns on failure. */
    long MAP_FAILED = -1;
    /** {@code RLIMIT_MEMLOCK}. */
    int RLIMIT_MEMLOCK = 8;
    /** {@code POLLIN} of {@link #poll}. */
    short POLLIN = 1;

    /**
     * Maps memory. The address is a {@link Pointer} because jnr-ffi passes a wrong sixth argument to functions with six
     * primitive parameters on x86-64.
     */
    long mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

    /** Unmaps memory. */
    int munmap(long address, long length);

    /** Reads a resource limit into two 64-bit words: soft, hard. */
    int getrlimit(int resource, long limit);

    /** Waits for events on {@code count} {@code struct pollfd} (fd 4, events 2, revents 2 bytes), -1 ms for ever. */
    int poll(long pollfds, long count, int timeoutMillis);

    /** The user that this process acts as; 0 is root. */
    int geteuid();

    /** Text of an error number. */
    String strerror(int errno);

    /** {@code F_GETFL} and {@code F_SETFL} of {@link #fcntl}. */
    int F_GETFL = 3;

    /** See {@link #F_GETFL}. */
    int F_SETFL = 4;

    /** {@code O_NONBLOCK} of x86-64 and aarch64. */
    int O_NONBLOCK = 0x800;

    /** Reads or sets the flags of a descriptor. */
    int fcntl(int fd, int command, int argument);

    /** Binds a thread (0: the calling one) to the processors of a mask of {@code bytes} bytes. */
    int sched_setaffinity(int thread, long bytes, long mask);

    /** Reads the mask; returns the bytes written. */
    int sched_getaffinity(int thread, long bytes, long mask);

    /** Flags of {@link #mmap} for huge pages of a length, a power of two. */
    static int mapHugeTlb(long pageBytes) {
        return MAP_HUGETLB | Long.numberOfTrailingZeros(pageBytes) << MAP_HUGE_SHIFT;
    }
}
