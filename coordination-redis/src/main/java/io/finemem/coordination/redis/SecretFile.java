package io.finemem.coordination.redis;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;

/**
 * Reads files that the configuration names; every way in which that can fail is one line with key, value and remedy.
 */
final class SecretFile {
    private static final long MAXIMUM_BYTES = 64 << 10;

    private SecretFile() {}

    /** The password in a file: its only line. */
    static String password(String key, Path file) {
        String password = secret(key, file).strip();
        if (password.isEmpty()) {
            throw invalid(key, file, "is empty; write the password into it");
        }
        if (password.lines().count() != 1) {
            throw invalid(key, file, "has several lines; it must hold the password only");
        }
        return password;
    }

    /** The text of a file that nobody else may read. */
    static String secret(String key, Path file) {
        String text = text(key, file);
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw invalid(key, file, "can be read by everybody; chmod 600 " + file);
            }
        } catch (IOException e) {
            throw new InvalidConfiguration(e, key + " = " + file + ": its rights cannot be read: " + e.getMessage());
        }
        return text;
    }

    /** The text of a file. */
    static String text(String key, Path file) {
        if (!Files.exists(file)) {
            throw invalid(key, file, "does not exist");
        }
        if (!Files.isRegularFile(file)) {
            throw invalid(key, file, "is not a file");
        }
        if (!Files.isReadable(file)) {
            throw invalid(key, file, "cannot be read by this user; change its owner or rights");
        }
        try {
            if (Files.size(file) > MAXIMUM_BYTES) {
                throw invalid(key, file, "is larger than " + MAXIMUM_BYTES + " bytes, is it the right one?");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidConfiguration(e, key + " = " + file + " cannot be read: " + e.getMessage());
        }
    }

    private static InvalidConfiguration invalid(String key, Path file, String what) {
        return new InvalidConfiguration(key + " = " + file + " " + what);
    }
}
