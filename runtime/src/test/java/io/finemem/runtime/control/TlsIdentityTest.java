package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.api.InvalidConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIdentityTest {
    @TempDir
    static Path directory;

    private static TestCertificates certificates;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new TestCertificates(directory);
        certificates.make("mn0", "CN=mn0,O=Test");
        certificates.make("nameless", "O=Test");
        certificates.make("expired", "CN=old", "-startdate", "-2d", "-validity", "1");
        certificates.make("early", "CN=new", "-startdate", "+2d");
    }

    private static TlsFiles pem(Path keystore) throws Exception {
        Path trust = Files.writeString(directory.resolve("trust.pem"), certificates.pem("mn0"));
        return new TlsFiles(keystore, Optional.empty(), trust, Optional.empty());
    }

    private static void assertMistake(TlsFiles files, String text) {
        assertThatThrownBy(() -> TlsIdentity.load(files))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining(text)
                .hasMessageMatching("[^\n]*");
    }

    @Test
    void bothFormsAreRead() throws Exception {
        assertThat(TlsIdentity.load(certificates.files("mn0", "mn0")).name()).isEqualTo("mn0");
        Path text = certificates.privateFile("mn0.pem", certificates.pemKey("mn0") + certificates.pem("mn0"));
        TlsIdentity identity = TlsIdentity.load(pem(text));
        assertThat(identity.name()).isEqualTo("mn0");
        assertThat(identity).hasToString("tls{mn0}");
    }

    @Test
    void aMissingFileOrADirectoryIsNamedWithItsKey() throws Exception {
        Path missing = directory.resolve("none.pem");
        assertMistake(pem(missing), "there is no keystore " + missing + "; set finemem.control.tls.keystore");
        assertMistake(pem(directory), "the keystore " + directory + " is not a file");
        TlsFiles right = certificates.files("mn0", "mn0");
        assertMistake(
                new TlsFiles(right.keystore(), right.keystorePassword(), missing, Optional.empty()),
                "there is no truststore " + missing + "; set finemem.control.tls.truststore");
        assertMistake(
                new TlsFiles(right.keystore(), Optional.of(missing), right.truststore(), right.truststorePassword()),
                "there is no password file " + missing + "; set finemem.control.tls.keystore-password-file");
    }

    @Test
    void aWrongOrMissingPasswordIsSaidSoAndNotShown() throws Exception {
        TlsFiles right = certificates.files("mn0", "mn0");
        Path wrong = certificates.privateFile("wrong", "letmein1");
        TlsFiles files =
                new TlsFiles(right.keystore(), Optional.of(wrong), right.truststore(), right.truststorePassword());
        assertMistake(files, "the password in " + wrong + " does not open the keystore " + right.keystore());
        assertThatThrownBy(() -> TlsIdentity.load(files)).hasMessageNotContaining("letmein1");
        assertMistake(
                new TlsFiles(right.keystore(), Optional.empty(), right.truststore(), right.truststorePassword()),
                "needs a password: set finemem.control.tls.keystore-password-file");
        assertMistake(
                new TlsFiles(right.keystore(), right.keystorePassword(), right.truststore(), Optional.of(wrong)),
                "does not open the truststore");
    }

    @Test
    void aCertificateThatIsNotValidNowIsRefusedWithTheTime() throws Exception {
        assertMistake(certificates.files("expired", "mn0"), "has expired at ");
        assertMistake(certificates.files("early", "mn0"), "is not valid before ");
    }

    @Test
    void aCertificateWithoutANameIsRefused() throws Exception {
        assertMistake(certificates.files("nameless", "mn0"), "its subject must have a common name of 1 to 64 letters");
    }

    @Test
    void aKeyThatOthersMayReadIsRefusedWithTheRemedy() throws Exception {
        Path open = certificates.privateFile("open.pem", certificates.pemKey("mn0") + certificates.pem("mn0"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertMistake(pem(open), "others than its owner may use it; run: chmod 600 " + open);
    }

    @Test
    void textThatHoldsNoKeyOrNoCertificateIsRefusedAndNotQuoted() throws Exception {
        Path keyOnly = certificates.privateFile("key.pem", certificates.pemKey("mn0"));
        assertMistake(pem(keyOnly), "holds no certificate");
        Path certificateOnly = certificates.privateFile("cert.pem", certificates.pem("mn0"));
        assertMistake(pem(certificateOnly), "holds no private key");
        Path old = certificates.privateFile(
                "old.pem", certificates.pemKey("mn0").replace("PRIVATE KEY", "EC PRIVATE KEY"));
        assertMistake(pem(old), "convert it with: openssl pkcs8 -topk8 -nocrypt");
        Path spoilt = certificates.privateFile(
                "spoilt.pem",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" + certificates.pem("mn0"));
        assertMistake(pem(spoilt), "holds a private key that is malformed");
        assertMistake(pem(noise()), "holds no private key");
    }

    private static Path noise() throws IOException {
        return certificates.privateFile("noise.pem", "hello\u0000\u0001");
    }
}
