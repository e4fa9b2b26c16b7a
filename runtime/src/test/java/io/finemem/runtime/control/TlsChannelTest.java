package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.FineMemException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TlsChannelTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(1500);
    private static final ControlLimits LIMITS = new ControlLimits(4, 4, LONG, LONG);
    private static final ControlTimeouts TIMEOUTS = new ControlTimeouts(LONG, LONG, LONG);
    private static final Date YESTERDAY = Date.from(Instant.now().minus(36, ChronoUnit.HOURS));

    @TempDir
    static Path directory;

    private static TestCertificates certificates;

    private final FakeMemoryNode node = new FakeMemoryNode();

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new TestCertificates(directory);
        certificates.make("authority", "CN=Authority,O=Test", "-ext", "bc:c");
        certificates.make("mn0", "CN=mn0,O=Test");
        certificates.issue("mn0", "authority");
        certificates.make("app", "O=Test,CN=app");
        certificates.make("stranger", "CN=mn0");
        certificates.make("expired", "CN=app", "-startdate", "-2d", "-validity", "1");
    }

    private static TlsIdentity identity(String name, String... trusted) throws Exception {
        return TlsIdentity.load(certificates.files(name, trusted));
    }

    private ControlServer start(ControlSecurity security, ControlLimits limits) {
        return ControlServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, security, node::newSession);
    }

    private static ControlClient connect(ControlServer server, ControlSecurity security) {
        return ControlClient.connect(server.address(), security, "hello", TIMEOUTS);
    }

    @Test
    void aSessionOverTlsCarriesEveryCallUnderTheNameOfTheCertificate() throws Exception {
        try (ControlServer server = start(identity("mn0", "app"), LIMITS);
                ControlClient client = connect(server, identity("app", "mn0"))) {
            assertThat(node.sessions).containsOnlyKeys("app");
            assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
            assertThat(client.register().ownerId()).isEqualTo(7);
            byte[] longest = new byte[ControlCodec.MAX_DESCRIPTOR_BYTES];
            Arrays.fill(longest, (byte) 3);
            assertThat(client.connect(ConnectionPurpose.HEAP, longest).descriptor())
                    .containsExactly(1, 3);
            for (int i = 0; i < 1000; i++) {
                assertThat(client.heartbeat(i).settleRequested()).isEqualTo(i + 1);
            }
            assertThat(client.audit()).isEqualTo(FakeMemoryNode.AUDIT);
        }
    }

    @Test
    void messagesOfEveryLengthArriveWhole() throws Exception {
        try (ControlServer server = start(identity("mn0", "app"), LIMITS);
                TimedSocket socket = TimedSocket.connect(server.address(), Deadline.after(LONG))) {
            SecureChannel channel = ControlHandshake.asClient(socket, identity("app", "mn0"), Deadline.after(LONG));
            assertThat(channel.identity()).contains("mn0");
            channel.send(ControlCodec.encode(new ControlRequest.Hello("x")), Deadline.after(LONG));
            channel.receive(Deadline.after(LONG));
            for (int length : new int[] {1, ControlCodec.MAX_DESCRIPTOR_BYTES}) {
                channel.send(
                        ControlCodec.encode(new ControlRequest.Connect(ConnectionPurpose.HEAP, new byte[length])),
                        Deadline.after(LONG));
                assertThat(ControlCodec.decodeResponse(channel.receive(Deadline.after(LONG))))
                        .isInstanceOf(ControlResponse.Connected.class);
            }
            channel.send(new byte[ControlCodec.MAX_MESSAGE_BYTES], Deadline.after(LONG));
            assertThatThrownBy(() -> channel.receive(Deadline.after(LONG))).isInstanceOf(IOException.class);
        }
    }

    private void assertRefused(ControlSecurity ofNode, ControlSecurity ofClient, String text) throws IOException {
        try (ControlServer server = start(ofNode, LIMITS)) {
            assertThatThrownBy(() -> connect(server, ofClient))
                    .isInstanceOf(AuthenticationFailed.class)
                    .hasMessageContaining(text)
                    .hasMessageMatching("[^\n]*");
            assertThat(server.sessions()).isZero();
        }
        assertThat(node.sessions).isEmpty();
    }

    @Test
    void aClientOfAnAuthorityThatIsNotTrustedIsRefusedAndToldSo() throws Exception {
        assertRefused(identity("mn0", "mn0"), identity("app", "mn0"), "certificates were not accepted");
    }

    @Test
    void aMemoryNodeOfAnAuthorityThatIsNotTrustedIsNotBelieved() throws Exception {
        assertRefused(identity("stranger", "app"), identity("app", "mn0"), "certificates were not accepted");
    }

    @Test
    void anExpiredCertificateIsRefusedByTheOtherSide() throws Exception {
        TlsIdentity expired = TlsIdentity.load(certificates.files("expired", "mn0"), YESTERDAY);
        assertRefused(identity("mn0", "expired"), expired, "certificates were not accepted");
    }

    @Test
    void aMemoryNodeWithTheCertificateOfAnotherIsNotBelieved() throws Exception {
        try (ControlServer server = start(identity("app", "app"), LIMITS);
                ControlClient client = connect(server, identity("app", "app"))) {
            assertThatThrownBy(client::describe)
                    .isInstanceOf(AuthenticationFailed.class)
                    .hasMessageContaining("calls itself mn0, and its certificate is that of app");
        }
    }

    @Test
    void bothSidesMustProveThemselvesInTheSameWay() throws Exception {
        PresharedSecret secret = PresharedSecret.random();
        assertRefused(
                identity("mn0", "app"),
                secret,
                "the memory node has finemem.control.security = tls, this side has psk; both sides must use the same");
        assertRefused(
                secret,
                identity("app", "mn0"),
                "the memory node has finemem.control.security = psk, this side has tls; both sides must use the same");
    }

    @Test
    void aClientWithoutACertificateOrWithAnOlderVersionOfTlsGetsNoSession() throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore authorities = new TlsStore(
                        "truststore", certificates.trusting("mn0"), java.util.Optional.of(certificates.password()))
                .authorities();
        trust.init(authorities);
        for (String version : new String[] {"TLSv1.3", "TLSv1.2"}) {
            SSLContext context = SSLContext.getInstance(version);
            context.init(null, trust.getTrustManagers(), null);
            try (ControlServer server = start(identity("mn0", "app"), LIMITS);
                    Socket plain = new Socket(
                            InetAddress.getLoopbackAddress(), server.address().getPort())) {
                plain.getOutputStream()
                        .write(Greeting.ofClient(Greeting.Mode.TLS).encode());
                assertThat(Greeting.decode(plain.getInputStream().readNBytes(Greeting.BYTES))
                                .status())
                        .isEqualTo(Greeting.Status.OK);
                SSLSocket socket =
                        (SSLSocket) context.getSocketFactory().createSocket(plain, "mn0", plain.getPort(), true);
                assertThatThrownBy(() -> {
                            socket.startHandshake();
                            socket.getOutputStream().write(new byte[] {0, 1, 2});
                            if (socket.getInputStream().read() < 0) {
                                throw new IOException("hung up");
                            }
                        })
                        .as(version)
                        .isInstanceOf(IOException.class);
            }
        }
        assertThat(node.sessions).isEmpty();
    }

    @Test
    void aHandshakeThatStopsIsCutOffAndNonsenseIsRefused() throws Exception {
        try (ControlServer server = start(identity("mn0", "app"), new ControlLimits(4, 4, SHORT, LONG))) {
            try (RawPeer silent = new RawPeer(server.address())) {
                silent.write(Greeting.ofClient(Greeting.Mode.TLS).encode());
                silent.read(Greeting.BYTES);
                assertThat(silent.atEnd()).isTrue();
            }
            try (RawPeer noise = new RawPeer(server.address())) {
                noise.write(Greeting.ofClient(Greeting.Mode.TLS).encode());
                noise.read(Greeting.BYTES);
                noise.write(new byte[] {22, 3, 1, 0x40, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
                noise.write(new byte[1 << 15]);
                while (!noise.atEnd()) {
                    assertThat(server.sessions()).isZero(); // an alert may come first
                }
            } catch (IOException e) {
                assertThat(e).as("hung up while we wrote").isNotInstanceOf(java.net.SocketTimeoutException.class);
            }
            try (ControlClient honest = connect(server, identity("app", "mn0"))) {
                assertThat(honest.describe()).isEqualTo(FakeMemoryNode.POOL);
            }
        } catch (FineMemException e) {
            throw new AssertionError(e);
        }
    }
}
