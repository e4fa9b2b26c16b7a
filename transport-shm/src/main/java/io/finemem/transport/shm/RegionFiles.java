package io.finemem.transport.shm;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.memory.HugePages;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a fabric's regions, in its directory or, if they consist of huge pages, on a hugetlbfs. All their space is
 * committed before they are used. Thread-safe.
 */
final class RegionFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RegionFiles.class);

    private final FabricName name;
    private final HugePages hugePages;
    private final Optional<Path> hugeDirectory;

    RegionFiles(FabricName name, ShmSettings settings) {
        this.name = name;
        this.hugePages = settings.hugePages();
        this.hugeDirectory = settings.hugeDirectory();
        if (hugeDirectory.isEmpty() && hugePages.need() != HugePages.Need.NONE) {
            LOG.warn("no hugetlbfs is mounted for this user: regions have ordinary pages [{}]", hugePages.setting());
        }
    }

    /**
     * A file and its mapping.
     *
     * @param id what peers find it by
     * @param memory its bytes
     */
    record Made(long id, Memory memory) {}

    /**
     * Makes the file of a region, zeroed.
     *
     * @param number of the region, never used again
     * @throws OutOfLocalResources if there is no space, or the process may map no more
     */
    Made make(long number, long bytes) {
        long page = hugeDirectory.isEmpty() ? 0 : hugePages.pageBytesFor(bytes);
        boolean missed = hugeDirectory.isPresent() && hugePages.missedFor(bytes, page);
        if (page != 0) {
            try {
                return hugeFile(number | FabricLayout.HUGE_REGION, HugePages.rounded(bytes, page), page);
            } catch (OutOfLocalResources e) {
                if (hugePages.need() == HugePages.Need.REQUIRED) {
                    throw e;
                }
                LOG.debug("huge pages were free, and cannot be had", e);
                missed = true;
            }
        }
        if (missed) {
            LOG.warn(
                    "too few huge pages are free: a region has ordinary ones [{}, bytes={}]",
                    hugePages.setting(),
                    bytes);
        }
        return ordinaryFile(number, bytes);
    }

    private Made ordinaryFile(long id, long bytes) {
        Path path = path(id);
        try {
            FileSpace.require(path, bytes);
            return new Made(id, Uninterrupted.run(() -> create(path, bytes)));
        } catch (IOException e) {
            remove(id, true);
            throw FileSpace.failure(path, bytes, e);
        }
    }

    private static Memory create(Path path, long bytes) throws IOException {
        Files.deleteIfExists(path);
        Files.createFile(path, FabricFile.PRIVATE);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            FileSpace.commit(channel, 0, Memory.roundedToWords(bytes));
            return Memory.map(channel, bytes);
        }
    }

    private Made hugeFile(long id, long bytes, long page) {
        Path path = path(id);
        try {
            return new Made(id, Uninterrupted.run(() -> createHuge(path, bytes, page)));
        } catch (IOException e) {
            remove(id, true);
            throw new OutOfLocalResources(
                    e,
                    hugePages.setting()
                            + ": huge pages are counted as free and cannot be had; look at the limits of the"
                            + " mount and of the control group, and how many are free on each NUMA node",
                    "path",
                    path,
                    "wantedBytes",
                    bytes,
                    "cause",
                    e.getMessage());
        }
    }

    /** Such files cannot be written to: their length is set, and mapping them promises the pages. */
    private static Memory createHuge(Path path, long bytes, long page) throws IOException {
        Files.deleteIfExists(path);
        Files.createFile(path, FabricFile.PRIVATE);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(bytes);
            Memory memory = Memory.map(file.getChannel(), bytes);
            for (long at = 0; at < bytes; at += page) {
                memory.putRelease(at, 0);
            }
            return memory;
        }
    }

    /**
     * Removes the file of a region.
     *
     * @param quiet whether no peer may still be using it: then its space is given back at once, otherwise when the last
     *     process has unmapped it
     */
    void remove(long id, boolean quiet) {
        Path path = path(id);
        try {
            if (quiet && Files.exists(path)) {
                Uninterrupted.run(() -> truncate(path));
            }
            Files.deleteIfExists(path);
        } catch (NoSuchFileException e) {
            // At the end of the process its clean-up may be faster.
            LOG.debug("the file of a region is gone already [path={}]", path);
        } catch (IOException e) {
            LOG.warn("the file of a region cannot be removed [path={}]", path, e);
        }
    }

    private static long truncate(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            return channel.truncate(0).size();
        }
    }

    private Path path(long id) {
        return name.region(id, hugeDirectory);
    }

    /** Removes the names of all of them. */
    void unlink() throws IOException {
        unlink(name, name.directory());
        if (hugeDirectory.isPresent()) {
            unlink(name, hugeDirectory.get());
        }
    }

    /** Removes the names of a fabric's regions from a directory. */
    static void unlink(FabricName name, Path directory) throws IOException {
        try (DirectoryStream<Path> regions = Files.newDirectoryStream(directory, name.regionsGlob())) {
            for (Path region : regions) {
                Files.deleteIfExists(region);
            }
        }
    }
}
