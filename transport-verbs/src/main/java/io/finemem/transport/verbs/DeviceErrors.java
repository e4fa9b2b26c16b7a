package io.finemem.transport.verbs;

import io.finemem.api.FineMemException;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibC;
import io.finemem.verbs.ffi.NativeBlock;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.NativeMemory;

/** What error numbers of the RDMA stack mean to the user. */
final class DeviceErrors {
    private static final int LIMIT_BYTES = 2 * Long.BYTES;

    private DeviceErrors() {}

    /** The device or the kernel refused to make something. */
    static FineMemException refused(String what, String device, int errno) {
        return new OutOfLocalResources(
                "the device refused " + what + hint(errno), "device", device, "cause", Errno.describe(errno));
    }

    /** A registration failed. */
    static FineMemException registrationRefused(long bytes, String device, int errno) {
        if (errno == Errno.ENOMEM) {
            return new OutOfLocalResources(
                    "the limit of locked memory is too low to register memory (ulimit -l is " + lockedMemoryLimit()
                            + "); raise it: ulimit -l unlimited, memlock in /etc/security/limits.conf, or"
                            + " LimitMEMLOCK=infinity of the service",
                    "bytes",
                    bytes,
                    "device",
                    device);
        }
        return refused("to register memory", device, errno);
    }

    /** A queue pair could not be connected. */
    static FineMemException notConnected(String device, String peer, int errno) {
        return new ConnectionLost(
                "the queue pair cannot be connected to the peer's",
                "peer",
                peer,
                "device",
                device,
                "cause",
                Errno.describe(errno));
    }

    private static String hint(int errno) {
        return errno == Errno.ENOMEM
                ? ": no room, or the limit of locked memory is too low (ulimit -l is " + lockedMemoryLimit() + ")"
                : "";
    }

    private static String lockedMemoryLimit() {
        try (NativeBlock limit = NativeBlock.of(LIMIT_BYTES)) {
            NativeLibraries.libc().getrlimit(LibC.RLIMIT_MEMLOCK, limit.address());
            long soft = NativeMemory.getLong(limit.address());
            return soft < 0 ? "unlimited" : (soft >> 10) + " KiB";
        }
    }
}
