package io.finemem.runtime.config;

import io.finemem.runtime.control.TlsFiles;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads {@code finemem.secret-file} and {@code finemem.control}. Not thread-safe. */
final class CredentialsReader {
    private static final String SECRET = FineMemConfig.ROOT + ".secret-file";
    private static final String CONTROL = FineMemConfig.ROOT + ".control.";
    private static final String TLS = CONTROL + "tls.";
    private static final Path NOWHERE = Path.of("");

    /** Ways to prove oneself, as they are written. */
    private enum Security {
        PSK,
        TLS
    }

    private final ConfigMistakes mistakes;
    private final ConfigReader reader;

    CredentialsReader(ConfigReader reader, ConfigMistakes mistakes) {
        this.reader = reader;
        this.mistakes = mistakes;
    }

    Credentials read() {
        if (reader.choice(CONTROL + "security", List.of(Security.values())) == Security.PSK) {
            return new Credentials(file(SECRET, "a file made by: finemem new-secret FILE"), Optional.empty());
        }
        TlsFiles files = new TlsFiles(
                file(TLS + "keystore", "a file with this side's private key and certificate"),
                optionalFile(TLS + "keystore-password-file"),
                file(TLS + "truststore", "a file with the certificates of the authorities that are trusted"),
                optionalFile(TLS + "truststore-password-file"));
        return new Credentials(NOWHERE, Optional.of(files));
    }

    private Path file(String path, String wanted) {
        String text = reader.text(path, any -> true, wanted, "");
        if (text.isBlank()) {
            mistakes.missing(path, wanted);
        }
        return path(path, text, wanted);
    }

    private Optional<Path> optionalFile(String path) {
        String text = reader.text(path);
        return text.isBlank() ? Optional.empty() : Optional.of(path(path, text, "a file with a password"));
    }

    private Path path(String path, String text, String wanted) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            reader.invalid(path, wanted);
            return NOWHERE;
        }
    }
}
