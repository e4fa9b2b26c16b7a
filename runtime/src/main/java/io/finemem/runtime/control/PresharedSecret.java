package io.finemem.runtime.control;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The 32 random bytes that memory nodes and their clients share. On disk: one line of Base64 in a file that only its
 * owner
 * may read. The text form never shows the bytes.
 */
public final class PresharedSecret implements ControlSecurity {
    /** Length of the secret. */
    public static final int BYTES = 32;

    private static final int MAX_FILE_BYTES = 128;
    private static final String CREATE = "create one with: finemem new-secret ";
    private final byte[] key;

    private PresharedSecret(byte[] key) {
        this.key = key;
    }

    /** A secret from its 32 bytes. */
    public static PresharedSecret of(byte[] key) {
        if (key.length != BYTES) {
            throw new InvalidConfiguration("a secret has " + BYTES + " bytes, this one has " + key.length);
        }
        return new PresharedSecret(key.clone());
    }

    /** A new random secret. */
    public static PresharedSecret random() {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        return new PresharedSecret(key);
    }

    /**
     * Reads a secret file.
     *
     * @throws InvalidConfiguration if it is missing, readable or writable by others, or does not hold 32 bytes in
     *     Base64
     */
    public static PresharedSecret load(Path file) {
        try {
            requirePrivate(file);
            return parse(file, read(file));
        } catch (NoSuchFileException e) {
            throw new InvalidConfiguration(e, "there is no secret file " + file + "; " + CREATE + file);
        } catch (IOException e) {
            throw new InvalidConfiguration(
                    e, "the secret file " + file + " cannot be read: " + FileFailure.ofReading(file, e));
        }
    }

    /**
     * Writes a new random secret into a new file that only the owner may read.
     *
     * @throws InvalidConfiguration if the file exists or cannot be written
     */
    public static PresharedSecret create(Path file) {
        if (file.toString().isEmpty()) {
            throw new InvalidConfiguration("the secret file has no name; give one such as finemem.secret");
        }
        PresharedSecret secret = random();
        byte[] line = (Base64.getEncoder().encodeToString(secret.key) + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            write(file, line);
            return secret;
        } catch (FileAlreadyExistsException e) {
            throw new InvalidConfiguration(e, "the file " + file + " exists already and is left as it is");
        } catch (IOException e) {
            throw new InvalidConfiguration(
                    e, "the secret file " + file + " cannot be written: " + FileFailure.ofWriting(file, e));
        }
    }

    /** A file that could not be written whole would be in the way of the next attempt. */
    private static void write(Path file, byte[] line) throws IOException {
        try {
            Files.write(file, line, StandardOpenOption.WRITE);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    byte[] key() {
        return key.clone();
    }

    /** Text form without the bytes. */
    @Override
    public String toString() {
        return "secret{***}";
    }

    private static void requirePrivate(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new InvalidConfiguration("the secret file " + file + " is a directory; " + CREATE + file + "/secret");
        }
        PrivateFile.require(file, "the secret file", "the secret");
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.ISO_8859_1).trim();
        }
    }

    // No cause: the decoder's text quotes the file.
    private static PresharedSecret parse(Path file, String line) {
        try {
            byte[] key = Base64.getDecoder().decode(line);
            if (key.length == BYTES) {
                return new PresharedSecret(key);
            }
        } catch (IllegalArgumentException e) {
            throw malformed(file);
        }
        throw malformed(file);
    }

    private static InvalidConfiguration malformed(Path file) {
        return new InvalidConfiguration("the secret file " + file + " does not hold one line with " + BYTES
                + " bytes in Base64; " + CREATE + "FILE");
    }
}
