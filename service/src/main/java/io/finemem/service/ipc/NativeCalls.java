package io.finemem.service.ipc;

import io.finemem.api.OutOfLocalResources;

/** Whether functions of libc can be called in this process. */
final class NativeCalls {
    private NativeCalls() {}

    /**
     * Initializes {@link LibC}; not its own method, because that would be called after the attempt.
     *
     * @throws OutOfLocalResources if the native part of jnr-ffi cannot be loaded
     */
    static void require() {
        try {
            LibC.C.geteuid();
        } catch (LinkageError e) {
            throw new OutOfLocalResources(
                    e,
                    "the native part of jnr-ffi cannot be loaded; it is unpacked into the directory for temporary files, which must be"
                            + " writable and not mounted noexec: set the variable TMPDIR or -Djava.io.tmpdir to another one",
                    "java.io.tmpdir",
                    System.getProperty("java.io.tmpdir"));
        }
    }
}
