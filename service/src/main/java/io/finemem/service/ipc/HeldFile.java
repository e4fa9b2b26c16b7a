package io.finemem.service.ipc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A file of mode 0600 that nobody else has as long as this is open. The kernel drops a process's lock of a file when the process closes
 * any descriptor of it: so a file that this process holds is not even opened a second time.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
public final class HeldFile implements AutoCloseable {
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private HeldFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Opens and locks.
     *
     * @param file in a directory that is there
     * @return null if somebody has it, in this process or another
     */
    public static @Nullable HeldFile open(Path file, Set<? extends OpenOption> options) throws IOException {
        Path path = file.toAbsolutePath();
        path = path.getParent().toRealPath().resolve(path.getFileName());
        if (!HELD.add(path)) {
            return null;
        }
        HeldFile held = null;
        try {
            held = locked(path, options);
            return held;
        } finally {
            if (held == null) {
                HELD.remove(path);
            }
        }
    }

    private static @Nullable HeldFile locked(Path path, Set<? extends OpenOption> options) throws IOException {
        FileChannel channel = FileChannel.open(
                path, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // under another name, or another class loader's
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? null : new HeldFile(path, channel);
    }

    /** For reading and writing; closed with this. */
    public FileChannel channel() {
        return channel;
    }

    /** Lets others have the file. Later calls do nothing. */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                channel.close();
            } finally {
                HELD.remove(path);
            }
        }
    }
}
