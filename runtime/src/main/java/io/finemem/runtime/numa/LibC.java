package io.finemem.runtime.numa;

import jnr.ffi.LibraryLoader;

/**
 * What is used of libc. Public only because jnr-ffi implements it.
 */
public interface LibC {
    /** The library of this process. */
    LibC C = LibraryLoader.create(LibC.class).failImmediately().load("c");

    /** A system call of up to six arguments. With exactly six of its own jnr-ffi would pass a wrong last one; it has seven. */
    long syscall(long number, long a, long b, long c, long d, long e, long f);

    String strerror(int errno);
}
