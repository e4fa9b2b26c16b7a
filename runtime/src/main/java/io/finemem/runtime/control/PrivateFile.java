package io.finemem.runtime.control;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** A file with a secret, which nobody but its owner may use. */
final class PrivateFile {
    private static final Set<PosixFilePermission> FOREIGN = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private PrivateFile() {}

    /**
     * Refuses a file that others may read or write, and what is no file: a pipe would be waited for without end.
     *
     * @param what the file in words, such as "the secret file"
     * @param content what to replace if others may have seen it
     */
    static void require(Path file, String what, String content) throws IOException {
        Set<PosixFilePermission> granted = Files.getPosixFilePermissions(file);
        if (!Files.isRegularFile(file)) {
            throw new InvalidConfiguration(what + " " + file + " is not a file");
        }
        for (PosixFilePermission permission : FOREIGN) {
            if (granted.contains(permission)) {
                throw new InvalidConfiguration(what + " " + file + " has mode " + PosixFilePermissions.toString(granted)
                        + ": others than its owner may use it; run: chmod 600 " + file + " (and replace " + content
                        + " if others may have seen it)");
            }
        }
    }
}
