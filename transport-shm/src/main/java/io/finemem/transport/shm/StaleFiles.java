package io.finemem.transport.shm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what killed processes left behind. */
final class StaleFiles {
    private static final Logger LOG = LoggerFactory.getLogger(StaleFiles.class);

    private static final Set<OpenOption> EXISTING =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    /** The start of a process is known to a second or so. */
    private static final int START_SLACK_SECONDS = 2;

    private StaleFiles() {}

    /** Removes the fabrics that nobody holds a lock on, and their regions. Those of other users are left. */
    static void remove(Path directory) {
        try {
            for (FabricName name : fabrics(directory)) {
                if (!ours(name)) {
                    removeIfAbandoned(name);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot look for files of dead processes [directory={}]", directory, e);
        }
    }

    private static Set<FabricName> fabrics(Path directory) throws IOException {
        Set<FabricName> names = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, FabricName.PREFIX + "*")) {
            for (Path file : files) {
                FabricName.of(file).ifPresent(names::add);
            }
        }
        return names;
    }

    /**
     * Whether this process made it: opening and closing such a file would drop its lock. A file with our process id that is
     * older than we are was left by another process.
     */
    private static boolean ours(FabricName name) throws IOException {
        if (name.pid() != ProcessHandle.current().pid()) {
            return false;
        }
        Optional<Instant> start = ProcessHandle.current().info().startInstant();
        if (start.isEmpty() || !Files.exists(name.fabric(), LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        Instant made = Files.getLastModifiedTime(name.fabric(), LinkOption.NOFOLLOW_LINKS)
                .toInstant();
        return made.isAfter(start.get().minusSeconds(START_SLACK_SECONDS));
    }

    private static void removeIfAbandoned(FabricName name) throws IOException {
        try (FileChannel channel = FileChannel.open(name.fabric(), EXISTING)) {
            // Held while removing: a process that has just made the file and waits for the lock notices that it is
            // gone.
            FileLock lock = channel.tryLock(0, 1, false);
            if (lock != null) {
                removeHugeFiles(name, channel);
                removeFiles(name);
            }
        } catch (NoSuchFileException e) {
            removeFiles(name);
        } catch (AccessDeniedException | OverlappingFileLockException e) {
            LOG.debug("left alone [path={}]", name.fabric(), e);
        }
    }

    /** Only files of the fabric's own name, whatever path its header has. */
    private static void removeHugeFiles(FabricName name, FileChannel fabric) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(FabricLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        fabric.read(header, 0);
        Optional<Path> directory = FabricView.hugeDirectory(header);
        if (directory.isPresent() && Files.isDirectory(directory.get())) {
            RegionFiles.unlink(name, directory.get());
        }
    }

    private static void removeFiles(FabricName name) throws IOException {
        RegionFiles.unlink(name, name.directory());
        if (Files.deleteIfExists(name.fabric())) {
            LOG.info("removed the files of a dead process [path={}]", name.fabric());
        }
    }
}
