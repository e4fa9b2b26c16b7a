package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.api.InvalidConfiguration;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with an authority of the test's own; the server asks for certificates of clients. */
final class RedisTlsTest {
    @TempDir
    private static Path folder;

    private static Certificates certificates;
    private static RedisServer server;
    private static int tlsPort;

    @BeforeAll
    static void startServer() {
        certificates = Certificates.create(folder);
        certificates.issue("server", "IP:127.0.0.1");
        certificates.issue("client", "DNS:client");
        tlsPort = RedisServer.freePort();
        server = start(tlsPort, "server");
    }

    private static RedisServer start(int port, String certificate) {
        return RedisServer.start(
                        "tls-port " + port,
                        "tls-cert-file " + certificates.file(certificate + ".pem"),
                        "tls-key-file " + certificates.file(certificate + ".key"),
                        "tls-ca-cert-file " + certificates.file("ca.pem"),
                        "tls-auth-clients yes")
                .ready();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static Map<String, String> settings(int port) {
        Map<String, String> settings = RedisFixture.settings("127.0.0.1:" + port);
        settings.put("tls", "true");
        settings.put("tls-ca-file", certificates.file("ca.pem").toString());
        settings.put("tls-certificate-file", certificates.file("client.pem").toString());
        settings.put("tls-key-file", certificates.file("client.key").toString());
        return settings;
    }

    private static Coordination open(Map<String, String> settings) {
        return new RedisCoordinationProvider().open(CoordinationSettings.of("redis", settings));
    }

    @Test
    void commandsAndChangesGoOverTls() {
        try (Coordination one = open(settings(tlsPort));
                Coordination other = open(settings(tlsPort))) {
            OwnerIdentity owner = one.registerOwner("cn1").identity();

            await().until(() -> other.view().ownerState(owner).equals(Optional.of(OwnerState.LIVE)));
        }
    }

    @Test
    void serverOfAnAuthorityThatIsNotTrustedIsRefused() {
        Map<String, String> settings = settings(tlsPort);
        settings.remove("tls-ca-file");

        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(CoordinationUnavailable.class)
                .hasMessageContaining("certification path");
    }

    @Test
    void serverWithTheNameOfAnotherIsRefused() {
        certificates.issue("stranger", "IP:10.1.2.3");
        int port = RedisServer.freePort();
        try (RedisServer stranger = start(port, "stranger")) {
            assertThat(stranger.port()).isPositive();
            assertThatThrownBy(() -> open(settings(port)))
                    .isInstanceOf(CoordinationUnavailable.class)
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void clientWithoutACertificateIsRefusedByAServerThatWantsOne() {
        Map<String, String> settings = settings(tlsPort);
        settings.remove("tls-certificate-file");
        settings.remove("tls-key-file");

        assertThatThrownBy(() -> open(settings)).isInstanceOf(CoordinationUnavailable.class);
    }

    @Test
    void plainClientIsRefusedByATlsPort() {
        Map<String, String> settings = RedisFixture.settings("127.0.0.1:" + tlsPort);

        assertThatThrownBy(() -> open(settings)).isInstanceOf(CoordinationUnavailable.class);
    }

    @Test
    void keyInAnotherFormIsRefusedWithTheCommandThatConvertsIt() throws Exception {
        Path key = RedisFixture.secretFile("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        Map<String, String> settings = settings(tlsPort);
        settings.put("tls-key-file", key.toString());

        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(
                        "redis.tls-key-file = " + key + " is not valid: it must be an unencrypted PKCS #8 key in PEM"
                                + " form; openssl pkcs8 -topk8 -nocrypt makes one");
        assertThat(Files.deleteIfExists(key)).isTrue();
    }
}
