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
    /** What is written at once: stays in the processor's cache. */
    private static final int PIECE_BYTES = 128 << 10;

    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");
    private static final Path MEMORY_INFORMATION = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";

    private static final String WANTED = "wantedBytes";
    private static final String FREE = "freeBytes";
    private static final String TOO_SMALL =
            "the file system of the shared memory is too small; enlarge it (mount -o remount,size=...; docker run"
                    + " --shm-size=...), remove files from it, or set directory to another one";

    private FileSpace() {}

    /**
     * Refuses what cannot fit, before anything is written.
     *
     * @throws OutOfLocalResources if the file system, or the memory below it, has less
     */
    static void require(Path file, long bytes) throws IOException {
        FileStore store = Files.getFileStore(file.getParent());
        if (bytes > store.getUsableSpace()) {
            throw new OutOfLocalResources(TOO_SMALL, "path", file, WANTED, bytes, FREE, store.getUsableSpace());
        }
        long memory = IN_MEMORY.contains(store.type()) ? availableMemory() : Long.MAX_VALUE;
        if (bytes > memory) {
            throw new OutOfLocalResources(
                    "the memory of this machine or container is too small; ask for less, or set directory to a file system"
                            + " on a disk or DAX device",
                    "path",
                    file,
                    WANTED,
                    bytes,
                    FREE,
                    memory);
        }
    }

    /** An error for work on a file that failed: for want of space, or for the reason that the cause tells. */
    static OutOfLocalResources failure(Path file, long bytes, IOException cause) {
        long free = file.resolveSibling(".").toFile().getUsableSpace();
        String text = free < bytes
                ? TOO_SMALL
                : "the file of the shared memory cannot be made or mapped; check limits of file size and of mappings"
                        + " (ulimit -f, vm.max_map_count), or set directory to another one";
        return new OutOfLocalResources(
                cause, text, "path", file, WANTED, bytes, FREE, free, "cause", cause.getMessage());
    }

    /** Bytes that can be had without swapping, and never more than the limit of the container. */
    private static long availableMemory() throws IOException {
        long total =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        if (!Files.isReadable(MEMORY_INFORMATION)) {
            return total;
        }
        return Uninterrupted.run(() -> Math.min(availableMemoryOfTheMachine(), total));
    }

    private static long availableMemoryOfTheMachine() throws IOException {
        try (Stream<String> lines = Files.lines(MEMORY_INFORMATION)) {
            return lines.filter(line -> line.startsWith(AVAILABLE))
                    .mapToLong(FileSpace::kibibytes)
                    .findFirst()
                    .orElse(Long.MAX_VALUE);
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
