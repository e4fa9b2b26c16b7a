package io.finemem.runtime.control;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of a side that proves itself by a certificate. A store is PKCS #12 if its name ends in {@code .p12} or {@code .pfx}, otherwise
 * PEM; only PKCS #12 needs a password, one line in a file.
 *
 * @param keystore private key and its certificate, with those of intermediate authorities behind it
 * @param truststore certificates of the authorities whose certificates are believed
 */
public record TlsFiles(
        Path keystore, Optional<Path> keystorePassword, Path truststore, Optional<Path> truststorePassword) {}
