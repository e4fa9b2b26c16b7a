package io.finemem.transport.shm;

import com.sun.management.OperatingSystemMXBean;
import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Commits the space of mapped files before they are used: a page without space behind it would be a fault of the process that
 * touches it first.
 */
final class FileSpace {
    private static final int PIECE_BYTES = 1 << 20;
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "hugetlbfs");
    private static final Path MEMORY_INFORMATION = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";

    private FileSpace() {}

    /**
     * Refuses what cannot fit, before anything is written.
     *
     * @throws OutOfLocalResources if the file system, or the memory below it, has less
     */
    static void require(Path directory, long bytes) throws IOException {
        FileStore store = Files.getFileStore(directory);
        if (bytes > store.getUsableSpace()) {
            throw full(directory, bytes, store.getUsableSpace());
        }
        if (!IN_MEMORY.contains(store.type())) {
            return;
        }
        long memory = availableMemory();
        if (bytes > memory) {
            throw new OutOfLocalResources(
                    "the memory of this machine or container is too small; ask for less, or set directory to a file system"
                            + " on a disk or DAX device",
                    "directory",
                    directory,
                    "wantedBytes",
                    bytes,
                    "freeBytes",
                    memory);
        }
    }

    /** An error that names path, need and remedy. */
    static OutOfLocalResources full(Path path, long bytes, long free) {
        return new OutOfLocalResources(
                "the file system of the shared memory is too small; enlarge it (mount -o remount,size=...; docker run"
                        + " --shm-size=...), remove files from it, or set directory to another one",
                "path",
                path,
                "wantedBytes",
                bytes,
                "freeBytes",
                free);
    }

    /** Bytes that can be had without swapping, and never more than the limit of the container. */
    private static long availableMemory() throws IOException {
        long total =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        if (!Files.isReadable(MEMORY_INFORMATION)) {
            return total;
        }
        try (Stream<String> lines = Files.lines(MEMORY_INFORMATION)) {
            return lines.filter(line -> line.startsWith(AVAILABLE))
                    .mapToLong(FileSpace::kibibytes)
                    .map(available -> Math.min(available, total))
                    .findFirst()
                    .orElse(total);
        }
    }

    private static long kibibytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }

    /** Writes zeros, which also commits the space. */
    static void commit(FileChannel file, long from, long bytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(PIECE_BYTES, bytes));
        for (long at = from; at < from + bytes; ) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), from + bytes - at));
            at += file.write(zeros, at);
        }
    }
}
