package io.finemem.runtime.control;

import io.finemem.api.InvalidConfiguration;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.Enumeration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.security.auth.x500.X500Principal;

/**
 * A private key with its certificate, and the authorities that are believed: TLS 1.3, both sides prove themselves. Who a side is says
 * the common name of its certificate's subject: for a memory node its name.
 */
public final class TlsIdentity implements ControlSecurity {
    private static final String[] PROTOCOLS = {"TLSv1.3"};
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,+]*)");

    private final SSLContext context;
    private final String name;

    private TlsIdentity(SSLContext context, String name) {
        this.context = context;
        this.name = name;
    }

    /**
     * Reads the files.
     *
     * @throws InvalidConfiguration if one of them is missing, malformed, for others to read or of another password, or if the
     *     certificate has expired or its subject is no {@linkplain NodeName name}
     */
    public static TlsIdentity load(TlsFiles files) {
        return load(files, new Date());
    }

    /** Reads the files as if it was another time. */
    static TlsIdentity load(TlsFiles files, Date now) {
        KeyStore keys = new TlsStore("keystore", files.keystore(), files.keystorePassword()).keys();
        KeyStore authorities = new TlsStore("truststore", files.truststore(), files.truststorePassword()).authorities();
        String of = "the certificate in " + files.keystore();
        try {
            X509Certificate own = certificate(keys);
            requireValid(own, of, now);
            String name = commonName(own.getSubjectX500Principal())
                    .orElseThrow(() -> new InvalidConfiguration(of
                            + " does not say whose it is: its subject must have a common name of " + NodeName.ALLOWED));
            return new TlsIdentity(context(keys, authorities), name);
        } catch (GeneralSecurityException e) {
            throw new InvalidConfiguration(e, of + " cannot be used: " + e.getMessage());
        }
    }

    private static X509Certificate certificate(KeyStore keys) throws KeyStoreException {
        Enumeration<String> aliases = keys.aliases();
        return (X509Certificate) keys.getCertificate(aliases.nextElement());
    }

    private static void requireValid(X509Certificate own, String of, Date now) {
        try {
            own.checkValidity(now);
        } catch (CertificateExpiredException e) {
            throw new InvalidConfiguration(
                    e, of + " has expired at " + own.getNotAfter().toInstant() + ": renew it");
        } catch (CertificateNotYetValidException e) {
            throw new InvalidConfiguration(
                    e,
                    of + " is not valid before " + own.getNotBefore().toInstant() + ": wait, or set the clock right");
        }
    }

    private static SSLContext context(KeyStore keys, KeyStore authorities) throws GeneralSecurityException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, TlsStore.NO_PASSWORD);
        SSLContext context = SSLContext.getInstance(PROTOCOLS[0]);
        context.init(own.getKeyManagers(), new TrustManager[] {CurrentTrust.in(authorities)}, null);
        return context;
    }

    /** The common name of a subject, if it is a {@linkplain NodeName name}. */
    static Optional<String> commonName(X500Principal subject) {
        Matcher matcher = COMMON_NAME.matcher(subject.getName(X500Principal.RFC2253));
        return matcher.find() && NodeName.valid(matcher.group(1)) ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The common name of this side's certificate. */
    public String name() {
        return name;
    }

    SSLEngine newEngine(boolean client) {
        SSLEngine engine = context.createSSLEngine();
        engine.setEnabledProtocols(PROTOCOLS);
        engine.setUseClientMode(client);
        if (!client) {
            engine.setNeedClientAuth(true);
        }
        return engine;
    }

    /** Text form without the key. */
    @Override
    public String toString() {
        return "tls{" + name + "}";
    }
}
