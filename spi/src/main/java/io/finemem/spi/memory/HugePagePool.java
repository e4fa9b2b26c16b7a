package io.finemem.spi.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Huge pages of one size that the kernel keeps.
 *
 * @param pageBytes length of a page
 * @param pages how many there are
 * @param free how many of them nobody has and nobody was promised
 */
public record HugePagePool(long pageBytes, long pages, long free) {
    private static final Path MEMORY_FACTS = Path.of("/proc/meminfo");
    private static final Path POOLS = Path.of("/sys/kernel/mm/hugepages");
    private static final String DEFAULT_SIZE = "Hugepagesize:";

    /** The pool as it is now; empty if the kernel has no pages of that size. */
    public static HugePagePool ofThisMachine(long pageBytes) {
        return of(POOLS, pageBytes);
    }

    static HugePagePool of(Path pools, long pageBytes) {
        Path pool = pools.resolve(directory(pageBytes).getFileName());
        return new HugePagePool(
                pageBytes,
                number(pool.resolve("nr_hugepages")),
                Math.max(0, number(pool.resolve("free_hugepages")) - number(pool.resolve("resv_hugepages"))));
    }

    /** Bytes that can be had. */
    public long freeBytes() {
        return free * pageBytes;
    }

    /** Where the kernel tells about pages of that size, and is told how many to keep. */
    public static Path directory(long pageBytes) {
        return POOLS.resolve("hugepages-" + (pageBytes >> 10) + "kB");
    }

    /** Length of the pages that one gets without asking for a size; 0 if the kernel has no huge pages. */
    public static long defaultPageBytes() {
        try {
            return Files.readAllLines(MEMORY_FACTS).stream()
                    .filter(line -> line.startsWith(DEFAULT_SIZE))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + MEMORY_FACTS, e);
        }
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).trim());
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
