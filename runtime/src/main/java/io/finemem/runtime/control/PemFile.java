package io.finemem.runtime.control;

import io.finemem.api.InvalidConfiguration;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Certificates and a private key as text between {@code BEGIN} and {@code END} lines. */
final class PemFile {
    private static final Pattern PART =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");
    private static final String PKCS8 = "PRIVATE KEY";

    private final String what;
    private final List<MatchResult> parts;

    /**
     * A file that is read already.
     *
     * @param what the file in words, for mistakes
     */
    PemFile(String what, String text) {
        this.what = what;
        this.parts = PART.matcher(text).results().toList();
    }

    /** All certificates in their order. */
    List<Certificate> certificates() {
        List<Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (MatchResult part : parts) {
                if (part.group(1).equals("CERTIFICATE")) {
                    found.add(factory.generateCertificate(new ByteArrayInputStream(bytes(part))));
                }
            }
        } catch (CertificateException e) {
            throw new InvalidConfiguration(e, what + " holds a certificate that is malformed");
        }
        if (found.isEmpty()) {
            throw new InvalidConfiguration(
                    what + " holds no certificate: it must be PEM, or PKCS #12 with a name that ends in .p12");
        }
        return found;
    }

    /** The private key. */
    PrivateKey key() {
        for (MatchResult part : parts) {
            if (part.group(1).equals(PKCS8)) {
                return key(bytes(part));
            }
            if (part.group(1).endsWith(PKCS8)) {
                throw new InvalidConfiguration(what + " holds a key in the form '" + part.group(1)
                        + "': convert it with: openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW");
            }
        }
        throw new InvalidConfiguration(what + " holds no private key");
    }

    private PrivateKey key(byte[] encoded) {
        for (String algorithm : ALGORITHMS) {
            Optional<PrivateKey> key = key(algorithm, encoded);
            if (key.isPresent()) {
                return key.get();
            }
        }
        throw new InvalidConfiguration(what + " holds a private key that is malformed, or none of " + ALGORITHMS);
    }

    private static Optional<PrivateKey> key(String algorithm, byte[] encoded) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // of another algorithm
        }
    }

    // No cause: the decoder's text quotes the file.
    private byte[] bytes(MatchResult part) {
        try {
            return Base64.getMimeDecoder().decode(part.group(2));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfiguration(what + " holds a part that is not Base64");
        }
    }
}
