package io.finemem.verbs.disni;

import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibC;
import io.finemem.verbs.ffi.NativeLibraries;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.Scratch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Processors of the calling thread as a mask: bit i is processor i, 0 to 63. Public for {@link AffinityReplacement}. */
public final class ThreadAffinity {
    private static final Logger LOGGER = LoggerFactory.getLogger(ThreadAffinity.class);
    private static final int KERNEL_MASK_BYTES = 1024;
    private static final long ALL = ~0L;

    private ThreadAffinity() {}

    /** Binds the calling thread; if the system refuses, a warning is logged and the thread runs where it may. */
    public static void set(long mask) {
        try (Scratch bits = new Scratch(Long.BYTES)) {
            NativeMemory.putLong(bits.address(), mask);
            LibC libc = NativeLibraries.libc();
            if (libc.sched_setaffinity(0, Long.BYTES, bits.address()) != 0) {
                LOGGER.warn(
                        "thread {} is not bound to processors 0x{}: {}",
                        Thread.currentThread().getName(),
                        Long.toHexString(mask),
                        Errno.describe(Errno.last()));
            }
        }
    }

    /** The processors of the calling thread, or all ones if the system does not say. */
    public static long get() {
        // The kernel refuses masks shorter than its own.
        try (Scratch bits = new Scratch(KERNEL_MASK_BYTES)) {
            int bytes = NativeLibraries.libc().sched_getaffinity(0, KERNEL_MASK_BYTES, bits.address());
            return bytes < 0 ? ALL : NativeMemory.getLong(bits.address());
        }
    }
}
