package io.finemem.coordination.redis;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.CoordinationSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.UUID;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;

/**
 * TLS from PEM files: whom to trust, and what to show if the server asks for a certificate. Host names are always
 * checked.
 */
final class TlsMaterial {
    static final String CA_FILE = "tls-ca-file";
    static final String CERTIFICATE_FILE = "tls-certificate-file";
    static final String KEY_FILE = "tls-key-file";

    private static final String STORE_TYPE = "PKCS12";
    private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";
    private static final String END_KEY = "-----END PRIVATE KEY-----";

    private final CoordinationSettings settings;

    private TlsMaterial(CoordinationSettings settings) {
        this.settings = settings;
    }

    /** TLS by the files that the settings name; without a CA file, those that the JVM trusts are trusted. */
    static SslOptions read(CoordinationSettings settings) {
        TlsMaterial material = new TlsMaterial(settings);
        SslOptions.Builder options = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
        try {
            material.trust(options);
            material.keys(options);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new InvalidConfiguration(e, "TLS cannot be set up from " + settings + ": " + e.getMessage());
        }
        return options.build();
    }

    private void trust(SslOptions.Builder options) throws GeneralSecurityException, IOException {
        if (settings.text(CA_FILE, "").isEmpty()) {
            return;
        }
        KeyStore trusted = emptyStore();
        for (X509Certificate certificate : certificates(CA_FILE)) {
            trusted.setCertificateEntry("ca-" + trusted.size(), certificate);
        }
        char[] password = password();
        options.trustStoreType(STORE_TYPE).truststore(stored(trusted, password), password);
    }

    private void keys(SslOptions.Builder options) throws GeneralSecurityException, IOException {
        boolean certificateGiven = !settings.text(CERTIFICATE_FILE, "").isEmpty();
        boolean keyGiven = !settings.text(KEY_FILE, "").isEmpty();
        if (certificateGiven != keyGiven) {
            throw new InvalidConfiguration(
                    settings.path(CERTIFICATE_FILE) + " and " + settings.path(KEY_FILE) + " must be given together");
        }
        if (!certificateGiven) {
            return;
        }
        KeyStore own = emptyStore();
        char[] password = password();
        Certificate[] chain = certificates(CERTIFICATE_FILE).toArray(Certificate[]::new);
        own.setKeyEntry("own", key(chain[0].getPublicKey().getAlgorithm()), password, chain);
        options.keyStoreType(STORE_TYPE).keystore(stored(own, password), password);
    }

    /** Of a store that never leaves this process. */
    private static char[] password() {
        return UUID.randomUUID().toString().toCharArray();
    }

    private static SslOptions.Resource stored(KeyStore store, char[] password)
            throws GeneralSecurityException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, password);
        return () -> new ByteArrayInputStream(bytes.toByteArray());
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(STORE_TYPE);
        store.load(null, null);
        return store;
    }

    private Collection<X509Certificate> certificates(String key) {
        String file = settings.text(key, "");
        byte[] pem = SecretFile.text(settings.path(key), Path.of(file)).getBytes(StandardCharsets.UTF_8);
        try {
            Collection<X509Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw settings.invalid(key, file, "a PEM file with a certificate; it has none");
            }
            for (X509Certificate certificate : found) {
                certificate.checkValidity();
            }
            return found;
        } catch (CertificateException e) {
            throw new InvalidConfiguration(
                    e, settings.path(key) + " = " + file + " is not a valid certificate: " + e.getMessage());
        }
    }

    private PrivateKey key(String algorithm) throws GeneralSecurityException {
        String file = settings.text(KEY_FILE, "");
        String pem = SecretFile.secret(settings.path(KEY_FILE), Path.of(file));
        int begin = pem.indexOf(BEGIN_KEY);
        int end = pem.indexOf(END_KEY);
        if (begin < 0 || end < begin) {
            throw settings.invalid(
                    KEY_FILE, file, "an unencrypted PKCS #8 key in PEM form; openssl pkcs8 -topk8 -nocrypt makes one");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN_KEY.length(), end));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}
