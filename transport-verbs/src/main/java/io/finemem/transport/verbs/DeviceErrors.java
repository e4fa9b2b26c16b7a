package io.finemem.transport.verbs;

import io.finemem.api.FineMemException;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.verbs.disni.VerbsFailure;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibC;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.Scratch;
import java.io.IOException;

/** What failures of the RDMA stack mean to the user. */
final class DeviceErrors {
    private static final int LIMIT_BYTES = 2 * Long.BYTES;

    private DeviceErrors() {}

    /** The device or the kernel refused to make, change or release something. */
    static FineMemException refused(String what, String device, IOException cause) {
        String hint = errno(cause) == Errno.ENOMEM
                ? ": no room, or the limit of locked memory is too low (ulimit -l is " + lockedMemoryLimit() + ")"
                : "";
        return new OutOfLocalResources(
                cause, "the device refused " + what + hint, "device", device, "cause", cause.getMessage());
    }

    /** A registration failed. */
    static FineMemException registrationRefused(long bytes, String device, IOException cause) {
        if (errno(cause) != Errno.ENOMEM) {
            return refused("to register memory", device, cause);
        }
        return new OutOfLocalResources(
                cause,
                "the limit of locked memory is too low to register memory (ulimit -l is " + lockedMemoryLimit()
                        + "); raise it: ulimit -l unlimited, memlock in /etc/security/limits.conf, or"
                        + " LimitMEMLOCK=infinity of the service",
                "bytes",
                bytes,
                "device",
                device);
    }

    /** A queue pair could not be connected. */
    static FineMemException notConnected(String device, String peer, IOException cause) {
        return new ConnectionLost(
                "the queue pair cannot be connected to the peer's",
                "peer",
                peer,
                "device",
                device,
                "cause",
                cause.getMessage());
    }

    /** Error number of a failure, 0 if it has none. */
    static int errno(IOException failure) {
        return failure instanceof VerbsFailure verbs ? verbs.errno() : 0;
    }

    private static String lockedMemoryLimit() {
        try (Scratch limit = new Scratch(LIMIT_BYTES)) {
            NativeLibraries.libc().getrlimit(LibC.RLIMIT_MEMLOCK, limit.address());
            long soft = NativeMemory.getLong(limit.address());
            return soft < 0 ? "unlimited" : (soft >> 10) + " KiB";
        }
    }
}
