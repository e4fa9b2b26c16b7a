package io.finemem.transport.verbs;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.memory.HugePages;
import io.finemem.verbs.ffi.Errno;
import io.finemem.verbs.ffi.LibC;
import io.finemem.verbs.ffi.NativeLibraries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Anonymous, zeroed, page-aligned memory of any length.
 *
 * @param address first byte
 * @param mappedBytes bytes mapped, a multiple of the page size
 */
record MappedMemory(long address, long mappedBytes) {
    private static final long PAGE = 4096;
    private static final Path MEMORY_FACTS = Path.of("/proc/meminfo");

    /**
     * Maps memory.
     *
     * @param hugePageBytes length of its pages if they come from a pool of huge pages, otherwise 0
     * @throws OutOfLocalResources if there is not that much memory
     */
    static MappedMemory map(long bytes, long hugePageBytes) {
        long rounded = HugePages.rounded(bytes, Math.max(PAGE, hugePageBytes));
        long available = hugePageBytes == 0 ? fact("MemAvailable") : Long.MAX_VALUE;
        if (rounded > available) {
            throw new OutOfLocalResources(
                    "the machine has too little memory available", "wantedBytes", bytes, "availableBytes", available);
        }
        int flags = LibC.MAP_PRIVATE_ANONYMOUS | (hugePageBytes == 0 ? 0 : LibC.mapHugeTlb(hugePageBytes));
        Pointer anywhere = Pointer.wrap(Runtime.getSystemRuntime(), 0L);
        long address = NativeLibraries.libc().mmap(anywhere, rounded, LibC.PROT_READ_WRITE, flags, -1, 0);
        if (address == LibC.MAP_FAILED) {
            throw new OutOfLocalResources(
                    "memory cannot be mapped",
                    "bytes",
                    bytes,
                    "hugePageBytes",
                    hugePageBytes,
                    "cause",
                    Errno.describe(Errno.last()));
        }
        return new MappedMemory(address, rounded);
    }

    /** Main memory of the machine in bytes. */
    static long machineBytes() {
        return fact("MemTotal");
    }

    void unmap() {
        if (NativeLibraries.libc().munmap(address, mappedBytes) != 0) {
            throw new IllegalStateException("memory cannot be unmapped: " + Errno.describe(Errno.last()));
        }
    }

    /** A value of /proc/meminfo in bytes; 0 if the kernel has no such line. */
    private static long fact(String name) {
        try {
            return Files.readAllLines(MEMORY_FACTS).stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).trim())
                    .mapToLong(value -> value.endsWith(" kB")
                            ? Long.parseLong(value.substring(0, value.length() - 3)) << 10
                            : Long.parseLong(value))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + MEMORY_FACTS, e);
        }
    }
}
