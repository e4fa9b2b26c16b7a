package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that stop, or almost stop, at any byte: an honest one is served as ever afterwards. */
@Timeout(60)
class CutAndTrickledBytesTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int RATE = 4096;
    private static final long PAUSE_MILLIS = 10;
    private static final int MAX_FRAME = 0x8010;

    private final PresharedSecret secret = PresharedSecret.random();
    private final FakeMemoryNode node = new FakeMemoryNode();
    private ControlServer server = start(LONG, LONG);

    private ControlServer start(Duration handshake, Duration peer) {
        return ControlServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new ControlLimits(8, 8, RATE, handshake, peer),
                secret,
                node::newSession);
    }

    private void restart(Duration handshake, Duration peer) {
        server.close();
        server = start(handshake, peer);
    }

    @AfterEach
    void anHonestClientIsServed() throws IOException {
        restart(LONG, LONG);
        try (ControlClient honest =
                ControlClient.connect(server.address(), secret, "honest", new ControlTimeouts(LONG, LONG, LONG))) {
            assertThat(honest.describe()).isEqualTo(FakeMemoryNode.POOL);
        }
        server.close();
        assertThat(server.sessions()).isZero();
    }

    private void awaitEnd(String name) throws InterruptedException {
        await().atMost(LONG).until(() -> node.sessions.containsKey(name));
        assertThat(Objects.requireNonNull(node.sessions.get(name)).ended.await(LONG.toSeconds(), TimeUnit.SECONDS))
                .as("session %s ended", name)
                .isTrue();
    }

    @Test
    void aHandshakeThatIsCutAtAnyByteOpensNoSession() throws Exception {
        byte[] whole = RawPeer.firstMessage(secret);
        for (int length = 0; length < whole.length; length++) {
            try (RawPeer peer = new RawPeer(server.address())) {
                peer.write(Arrays.copyOf(whole, length));
            }
        }
        assertThat(node.sessions).isEmpty();
    }

    @Test
    void aFrameThatIsCutAtAnyByteEndsItsSession() throws Exception {
        byte[] frame = new byte[2 + CipherState.TAG_BYTES + 1];
        frame[1] = CipherState.TAG_BYTES + 1;
        for (int length = 0; length < frame.length; length++) {
            try (RawPeer peer = new RawPeer(server.address())) {
                peer.openSession(secret, "app" + length);
                peer.write(Arrays.copyOf(frame, length));
            }
            awaitEnd("app" + length);
        }
    }

    /** The longest there can be is read, and refused for what is in it. */
    @Test
    void theLongestFrameThatHoldsNonsenseEndsItsSession() throws Exception {
        assertThat(ControlCodec.MAX_MESSAGE_BYTES + CipherState.TAG_BYTES).isEqualTo(MAX_FRAME);
        byte[] frame = new byte[2 + MAX_FRAME];
        frame[0] = (byte) (MAX_FRAME >> Byte.SIZE);
        frame[1] = (byte) MAX_FRAME;
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.openSession(secret, "app");
            peer.write(frame);
            awaitEnd("app");
            assertThat(peer.atEnd()).isTrue();
        }
    }

    /** The time is for the whole handshake: every byte is right and comes soon, and they are too many of them. */
    @Test
    void aRightHandshakeOfAByteNowAndThenIsCutOff() throws Exception {
        restart(SHORT, LONG);
        byte[] whole = RawPeer.firstMessage(secret);
        assertThat(whole.length * PAUSE_MILLIS).isGreaterThan(2 * SHORT.toMillis());
        try (RawPeer slow = new RawPeer(server.address())) {
            trickle(slow, whole);
            assertThat(slow.atEnd()).as("hung up on without an answer").isTrue();
        }
        assertThat(node.sessions).isEmpty();
    }

    /** As {@link #aRightHandshakeOfAByteNowAndThenIsCutOff}, for a frame: its bytes are no signs of life. */
    @Test
    void aFrameOfAByteNowAndThenEndsItsSession() throws Exception {
        restart(LONG, SHORT);
        Thread trickling;
        try (RawPeer slow = new RawPeer(server.address())) {
            slow.openSession(secret, "app");
            byte[] frame = new byte[MAX_FRAME];
            frame[0] = (byte) (MAX_FRAME >> Byte.SIZE);
            trickling = new Thread(() -> trickle(slow, frame));
            trickling.setDaemon(true);
            trickling.start();
            awaitEnd("app");
        }
        trickling.join(LONG.toMillis());
    }

    /** Until all is written or the other side has hung up. */
    private static void trickle(RawPeer peer, byte[] bytes) {
        try {
            for (byte next : bytes) {
                peer.write(new byte[] {next});
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS); // what is tried
            }
        } catch (IOException hungUp) {
            return; // as it should; the test looks at what the other side did
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
