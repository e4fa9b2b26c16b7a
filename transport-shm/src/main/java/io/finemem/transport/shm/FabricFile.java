package io.finemem.transport.shm;

import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.TransportUnavailable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The locked file of one's own fabric.
 *
 * <p>It is a {@link RandomAccessFile}, and no other channel of it is ever opened in this process: an interrupt does not close
 * it, and closing any channel of the file would drop the lock.
 */
final class FabricFile implements AutoCloseable {
    /** Owner only. */
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int ATTEMPTS = 16;
    /** Written a piece at a time, which stays in the processor's cache. */
    private static final byte[] ZEROS = new byte[64 << 10];

    private static final long LOCKED_BYTES = 1;

    private final FabricName name;
    private final RandomAccessFile file;

    private FabricFile(FabricName name, RandomAccessFile file) {
        this.name = name;
        this.file = file;
    }

    /**
     * Makes a file under a new name and locks it.
     *
     * @throws TransportUnavailable if the file system does not allow it
     */
    static FabricFile create(Path directory) {
        try {
            for (int i = 0; i < ATTEMPTS; i++) {
                FabricName name = FabricName.fresh(directory);
                RandomAccessFile file = createLocked(name.fabric());
                // Between creation and lock it looked like a file of a dead process; who saw that has removed it.
                if (Files.exists(name.fabric())) {
                    return new FabricFile(name, file);
                }
                file.close();
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw new TransportUnavailable(
                    e, "no file can be made and locked in the directory; set another one", "directory", directory);
        }
        throw new TransportUnavailable(
                "files in the directory are removed as soon as they are made; set another one", "directory", directory);
    }

    private static RandomAccessFile createLocked(Path path) throws IOException {
        Files.createFile(path, PRIVATE);
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            FileLock lock = Uninterrupted.run(() -> file.getChannel().tryLock(0, LOCKED_BYTES, false));
            if (lock == null) {
                Files.deleteIfExists(path);
            }
            return file;
        } catch (IOException e) {
            file.close();
            Files.deleteIfExists(path);
            throw e;
        }
    }

    /** Whether nobody holds the lock of a fabric that another process owns. */
    static boolean abandoned(FileChannel channel) throws IOException {
        try (FileLock lock = channel.tryLock(0, LOCKED_BYTES, true)) {
            return lock != null;
        }
    }

    FabricName name() {
        return name;
    }

    /** Maps a part of the file, which grows if it is shorter; space is not committed. */
    ByteBuffer map(long from, int bytes) throws IOException {
        return file.getChannel()
                .map(FileChannel.MapMode.READ_WRITE, from, bytes)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Commits space and zeroes it.
     *
     * @throws OutOfLocalResources if the file system is full
     */
    synchronized void commit(long from, int bytes) {
        try {
            FileSpace.require(name.fabric(), bytes);
            file.seek(from);
            for (int left = bytes; left > 0; left -= ZEROS.length) {
                file.write(ZEROS, 0, Math.min(left, ZEROS.length));
            }
        } catch (IOException e) {
            throw FileSpace.failure(name.fabric(), bytes, e);
        }
    }

    /** Removes the name; who has it open or mapped goes on. */
    void unlink() throws IOException {
        Files.deleteIfExists(name.fabric());
    }

    /** Drops the lock: from here on this process counts as dead for its peers. */
    @Override
    public void close() throws IOException {
        unlink();
        file.close();
    }
}
