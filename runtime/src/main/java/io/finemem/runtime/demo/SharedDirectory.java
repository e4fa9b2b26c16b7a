package io.finemem.runtime.demo;

import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A private directory for the files of one demonstration, gone with all that is in it when this is closed. */
public final class SharedDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SharedDirectory.class);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path path;

    private SharedDirectory(Path path) {
        this.path = path;
    }

    /**
     * Makes a directory below another one.
     *
     * @param parent where, or empty for shared memory, or the temporary directory if there is none
     */
    public static SharedDirectory create(String parent) {
        Path below = parent.isBlank() ? defaultParent() : Path.of(parent);
        try {
            return new SharedDirectory(Files.createTempDirectory(below, "finemem-demo-"));
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "no directory can be made in " + below + ": " + e);
        }
    }

    private static Path defaultParent() {
        return Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** For a process that does not own the directory, when its owner is gone: removes it if it is empty. */
    static void removeIfEmpty(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (DirectoryNotEmptyException e) {
            LOG.debug("{} is left to the process that still has files in it", path);
        } catch (IOException e) {
            LOG.warn("{} could not be removed: {}", path, e.toString());
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(path)) {
            List<Path> left = files.toList();
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path);
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone already", path);
        } catch (IOException e) {
            LOG.warn("{} could not be removed: {}", path, e.toString());
        }
    }
}
