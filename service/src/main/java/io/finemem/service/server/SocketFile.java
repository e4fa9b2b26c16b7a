package io.finemem.service.server;

import io.finemem.api.InvalidConfiguration;
import io.finemem.api.OutOfLocalResources;
import io.finemem.service.ipc.HeldFile;
import io.finemem.service.ipc.Peer;
import io.finemem.service.ipc.SystemCallFailed;
import io.finemem.service.ipc.UnixSocket;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The socket's place in the file system. A lock on {@code PATH.lock} says that a service lives: without it the socket is left over by
 * one that died, and is replaced.
 */
final class SocketFile implements AutoCloseable {
    private static final int WRITABLE_BY_GROUP_OR_OTHERS = 0022;
    private static final int STICKY = 01000;
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path path;
    private final HeldFile lock;
    private final UnixSocket socket;

    private SocketFile(Path path, HeldFile lock, UnixSocket socket) {
        this.path = path;
        this.lock = lock;
        this.socket = socket;
    }

    /**
     * Makes the directory if it is missing, and checks it.
     *
     * @throws InvalidConfiguration if others may replace files of the directory, or it cannot be made
     */
    static void prepare(Path given, String group) {
        Path path = given.toAbsolutePath();
        try {
            checkDirectory(path.getParent(), group);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /**
     * Binds and listens.
     *
     * @param forOthers mode 0660 instead of 0600
     * @param group the group that it is given to, with the directory if that is made; empty: the service's own
     * @throws InvalidConfiguration if others may replace files of the directory, or another service uses the path
     */
    static SocketFile open(Path given, boolean forOthers, String group) {
        Path path = given.toAbsolutePath();
        try {
            checkDirectory(path.getParent(), group);
            HeldFile lock = lock(path);
            try {
                removeLeftOver(path);
                return new SocketFile(path, lock, listening(path, forOthers, group));
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (SystemCallFailed e) {
            throw new OutOfLocalResources(e, "the service's socket cannot be made: " + e.getMessage(), "path", path);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /** Whatever else is there was somebody's. */
    private static void removeLeftOver(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & FILE_TYPE) != SOCKET) {
            throw new InvalidConfiguration("the service's socket cannot be made: " + path
                    + " is there and is no socket; remove it, or set finemem.service.socket to another path");
        }
        Files.delete(path);
    }

    private static InvalidConfiguration unusable(Path path, IOException failure) {
        String why = failure instanceof AccessDeniedException denied
                ? "this user (" + System.getProperty("user.name") + ") may not write to " + denied.getFile()
                : String.valueOf(failure);
        return new InvalidConfiguration(
                failure,
                "the service's socket cannot be made at " + path + ": " + why
                        + "; set finemem.service.socket to another path");
    }

    private static UnixSocket listening(Path path, boolean forOthers, String group) throws IOException {
        UnixSocket socket = UnixSocket.bound(path);
        try {
            give(path, group);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(forOthers ? "rw-rw----" : "rw-------"));
            socket.tellSenders();
            socket.listen();
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            Files.deleteIfExists(path);
            throw e;
        }
    }

    private static void give(Path path, String group) throws IOException {
        if (group.isEmpty()) {
            return;
        }
        try {
            Files.getFileAttributeView(path, PosixFileAttributeView.class)
                    .setGroup(
                            path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        } catch (UserPrincipalNotFoundException e) {
            throw new InvalidConfiguration(
                    e, "there is no group " + group + " for the service's socket; set finemem.service.group to one");
        } catch (FileSystemException e) {
            throw new InvalidConfiguration(
                    e,
                    "the service's socket cannot be given to the group " + group + ": " + e.getReason()
                            + "; the service's user must be a member of it, or root");
        }
    }

    private static void checkDirectory(@Nullable Path directory, String group) throws IOException {
        if (directory == null) {
            throw new InvalidConfiguration("the service's socket needs a directory");
        }
        if (!Files.exists(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            if (!group.isEmpty()) {
                give(directory, group);
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x---"));
            }
        }
        int mode = (int) Files.getAttribute(directory, "unix:mode");
        int owner = (int) Files.getAttribute(directory, "unix:uid");
        boolean othersReplace = (mode & WRITABLE_BY_GROUP_OR_OTHERS) != 0 && (mode & STICKY) == 0;
        if (othersReplace || owner != 0 && owner != Peer.ownUid()) {
            throw new InvalidConfiguration("others could replace the service's socket: the directory " + directory
                    + " must belong to this user or root and be writable by nobody else [mode="
                    + Integer.toOctalString(mode & 07777) + " uid=" + owner + "]");
        }
    }

    private static HeldFile lock(Path path) throws IOException {
        HeldFile held = HeldFile.open(
                path.resolveSibling(path.getFileName() + ".lock"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        if (held == null) {
            throw inUse(path);
        }
        return held;
    }

    private static InvalidConfiguration inUse(Path path) {
        return new InvalidConfiguration("another allocation service uses the socket " + path);
    }

    UnixSocket socket() {
        return socket;
    }

    /** Number of the group that the socket belongs to. */
    int group() throws IOException {
        return (int) Files.getAttribute(path, "unix:gid");
    }

    /** Removes the socket; the lock file stays, for removing it would race with a service that starts. */
    @Override
    public void close() {
        socket.close();
        try (lock) {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new OutOfLocalResources("the service's socket cannot be removed: " + e, "path", path);
        }
    }
}
