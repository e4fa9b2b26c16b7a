package io.finemem.service.ipc;

import jnr.ffi.LibraryLoader;

/**
 * What is used of libc, on Linux of 64 bits. Errors are -1 with {@code errno}. No function here has six primitive arguments. Public only
 * because jnr-ffi implements it.
 */
public interface LibC {
    /** The library of this process. */
    LibC C = LibraryLoader.create(LibC.class).failImmediately().load("c");

    int socket(int family, int type, int protocol);

    int bind(int fd, long address, int bytes);

    int listen(int fd, int backlog);

    int accept4(int fd, long address, long bytes, int flags);

    int connect(int fd, long address, int bytes);

    long sendmsg(int fd, long message, int flags);

    long recvmsg(int fd, long message, int flags);

    int shutdown(int fd, int how);

    int getsockopt(int fd, int level, int name, long value, long bytes);

    int setsockopt(int fd, int level, int name, long value, int bytes);

    int poll(long pollfds, long count, int timeoutMillis);

    int close(int fd);

    int memfd_create(long name, int flags);

    int ftruncate(int fd, long bytes);

    int fcntl(int fd, int command, int argument);

    int eventfd(int initial, int flags);

    long read(int fd, long bytes, long count);

    long write(int fd, long bytes, long count);

    long syscall(long number, long a, long b, long c, long d);

    int sched_setaffinity(int thread, long bytes, long mask);

    int geteuid();

    String strerror(int errno);
}
