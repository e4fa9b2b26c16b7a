package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Keys and certificates, made by the JDK's keytool; each certificate is its own authority unless it is issued by another. */
public final class TestCertificates {
    public static final String PASSWORD = "secret7";

    private final Path directory;
    private final Path password;

    public TestCertificates(Path directory) throws IOException {
        this.directory = directory;
        this.password = privateFile("password", PASSWORD + "\n");
    }

    public Path password() {
        return password;
    }

    public Path privateFile(String name, String content) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    public Path store(String name) {
        return directory.resolve(name + ".p12");
    }

    /** A key with a certificate of that subject. */
    public void make(String name, String subject, String... more) throws Exception {
        List<String> options = new ArrayList<>(
                List.of("-genkeypair", "-alias", name, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", subject));
        options.addAll(List.of(more));
        keytool(store(name), options);
        Files.setPosixFilePermissions(store(name), PosixFilePermissions.fromString("rw-------"));
    }

    /** Replaces the certificate by one that an authority has issued, with that one behind it. */
    public void issue(String name, String authority) throws Exception {
        Path request = directory.resolve(name + ".csr");
        Path issued = directory.resolve(name + ".crt");
        keytool(store(name), List.of("-certreq", "-alias", name, "-file", request.toString()));
        keytool(
                store(authority),
                List.of(
                        "-gencert",
                        "-alias",
                        authority,
                        "-rfc",
                        "-infile",
                        request.toString(),
                        "-outfile",
                        issued.toString()));
        Path root = Files.writeString(directory.resolve(authority + ".crt"), pem(authority));
        keytool(store(name), List.of("-importcert", "-noprompt", "-alias", authority, "-file", root.toString()));
        keytool(store(name), List.of("-importcert", "-noprompt", "-alias", name, "-file", issued.toString()));
    }

    private static void keytool(Path store, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private KeyStore open(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** The last certificate of its chain: that of who has issued it. */
    private Certificate root(String name) throws IOException, GeneralSecurityException {
        Certificate[] chain = open(name).getCertificateChain(name);
        return chain[chain.length - 1];
    }

    /** A truststore, PKCS #12, with the authorities of these. */
    public Path trusting(String... names) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, new char[0]);
        for (String name : names) {
            store.setCertificateEntry(name, root(name));
        }
        Path file = directory.resolve("trust-" + String.join("-", names) + ".p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    /** The certificate of a subject's authority as text. */
    public String pem(String name) throws IOException, GeneralSecurityException {
        return text("CERTIFICATE", root(name).getEncoded());
    }

    /** The key as text, PKCS #8. */
    public String pemKey(String name) throws IOException, GeneralSecurityException {
        return text(
                "PRIVATE KEY", open(name).getKey(name, PASSWORD.toCharArray()).getEncoded());
    }

    private static String text(String kind, byte[] content) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + kind
                + "-----\n";
    }

    /** The files of who has this key and trusts those. */
    public TlsFiles files(String name, String... trusted) throws IOException, GeneralSecurityException {
        return new TlsFiles(store(name), Optional.of(password), trusting(trusted), Optional.of(password));
    }
}
