package io.finemem.runtime.control;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Locale;
import java.util.Optional;

/** Reads keystores and truststores; mistakes are one line. */
final class TlsStore {
    /** Of keys in memory; their files have the passwords that count. */
    static final char[] NO_PASSWORD = new char[0];

    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final String ALIAS = "finemem";

    private final String name;
    private final Path file;
    private final Optional<Path> password;

    /** A store; {@code name} is that of its key in the configuration. */
    TlsStore(String name, Path file, Optional<Path> password) {
        this.name = name;
        this.file = file;
        this.password = password;
    }

    private String what() {
        return "the " + name + " " + file;
    }

    private boolean isPkcs12() {
        String lower = file.toString().toLowerCase(Locale.ROOT);
        return lower.endsWith(".p12") || lower.endsWith(".pfx");
    }

    /** A store with the one private key of the file and its certificates. */
    KeyStore keys() {
        try {
            requireFile();
            PrivateFile.require(file, "the " + name, "the key");
            KeyStore keys = empty();
            if (isPkcs12()) {
                KeyStore given = pkcs12();
                String alias = alias(given);
                keys.setKeyEntry(ALIAS, given.getKey(alias, password()), NO_PASSWORD, given.getCertificateChain(alias));
            } else {
                PemFile pem = new PemFile(what(), Files.readString(file));
                keys.setKeyEntry(
                        ALIAS, pem.key(), NO_PASSWORD, pem.certificates().toArray(new Certificate[0]));
            }
            return keys;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    /** A store with all certificates of the file. */
    KeyStore authorities() {
        try {
            requireFile();
            KeyStore trusted = empty();
            int number = 0;
            if (isPkcs12()) {
                KeyStore given = pkcs12();
                for (String alias : java.util.Collections.list(given.aliases())) {
                    trusted.setCertificateEntry(ALIAS + number++, given.getCertificate(alias));
                }
            } else {
                for (Certificate certificate : new PemFile(what(), Files.readString(file)).certificates()) {
                    trusted.setCertificateEntry(ALIAS + number++, certificate);
                }
            }
            if (number == 0) {
                throw new InvalidConfiguration(what() + " holds no certificate of an authority");
            }
            return trusted;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    private void requireFile() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidConfiguration(
                    Files.exists(file)
                            ? what() + " is not a file"
                            : "there is no " + name + " " + file + "; set finemem.control.tls." + name);
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new InvalidConfiguration(what() + " is larger than " + MAX_FILE_BYTES + " bytes");
        }
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private KeyStore pkcs12() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password());
            return store;
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new InvalidConfiguration(
                        e, "the password in " + passwordFile() + " does not open the " + name + " " + file);
            }
            throw e;
        }
    }

    private String alias(KeyStore given) throws GeneralSecurityException {
        for (String alias : java.util.Collections.list(given.aliases())) {
            if (given.isKeyEntry(alias)) {
                return alias;
            }
        }
        throw new InvalidConfiguration(what() + " holds no private key");
    }

    private Path passwordFile() {
        return password.orElseThrow(() -> new InvalidConfiguration(
                what() + " needs a password: set finemem.control.tls." + name + "-password-file"));
    }

    private char[] password() throws IOException {
        Path from = passwordFile();
        try {
            PrivateFile.require(from, "the password file", "the password");
            return Files.readString(from, StandardCharsets.UTF_8)
                    .stripTrailing()
                    .toCharArray();
        } catch (NoSuchFileException e) {
            throw new InvalidConfiguration(
                    e, "there is no password file " + from + "; set finemem.control.tls." + name + "-password-file");
        } catch (AccessDeniedException e) {
            throw new InvalidConfiguration(
                    e, "the password file " + from + " cannot be read: " + FileFailure.ofReading(from, e));
        }
    }

    private InvalidConfiguration unreadable(Exception e) {
        return new InvalidConfiguration(e, what() + " cannot be read: " + FileFailure.ofReading(file, e));
    }
}
