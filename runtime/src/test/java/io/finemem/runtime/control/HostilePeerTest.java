package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostilePeerTest extends ServedMemoryNode {
    @ParameterizedTest
    @ValueSource(ints = {0, 9, 0xffff})
    void anotherVersionIsNamedOnBothSides(int version) throws IOException {
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.write(new Greeting(version, Greeting.Status.OK).encode());
            peer.write(new byte[NoiseHandshake.MESSAGE_BYTES]);
            assertThat(Greeting.decode(peer.read(Greeting.BYTES)))
                    .isEqualTo(Greeting.ofMemoryNode(Greeting.Status.WRONG_VERSION));
            assertThat(peer.atEnd()).isTrue();
        }
        assertThat(node.sessions).isEmpty();
    }

    @Test
    void aHalfOpenConnectionEndsTheSession() throws Exception {
        restart(new ControlLimits(4, 4, LONG, SHORT));
        try (RawPeer silent = new RawPeer(server.address())) {
            silent.openSession(secret, "app");
            awaitEnd(session());
        }
    }

    @Test
    void aBrokenConnectionEndsTheSession() throws Exception {
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.openSession(secret, "app");
        }
        await().atMost(LONG).until(() -> node.sessions.containsKey("app"));
        awaitEnd(session());
    }

    @Test
    void aFrameThatTricklesInEndsTheSession() throws Exception {
        restart(new ControlLimits(4, 4, LONG, SHORT));
        try (RawPeer slow = new RawPeer(server.address())) {
            slow.openSession(secret, "app");
            slow.write(new byte[] {0});
            awaitEnd(session());
        }
    }

    @Test
    void aHandshakeThatTricklesInIsCutOff() throws Exception {
        restart(new ControlLimits(4, 4, SHORT, LONG));
        try (RawPeer slow = new RawPeer(server.address())) {
            for (byte next : Greeting.ofClient().encode()) {
                slow.write(new byte[] {next});
            }
            assertThat(slow.atEnd()).isTrue();
        }
        assertThat(node.sessions).isEmpty();
    }

    @Test
    void aReplayedFirstMessageOpensNoSession() throws Exception {
        byte[] recorded = RawPeer.firstMessage(secret);
        for (int i = 0; i < 2; i++) {
            try (RawPeer replay = new RawPeer(server.address())) {
                replay.write(recorded);
                replay.read(Greeting.BYTES + NoiseHandshake.MESSAGE_BYTES);
                replay.write(new byte[] {0, 40});
                replay.write(new byte[40]);
                assertThat(replay.atEnd()).isTrue();
            }
        }
        assertThat(node.sessions).isEmpty();
    }

    /** The length has two bytes: 0x8011 is one more than a frame may have, 0xffff is -1. */
    @ParameterizedTest
    @ValueSource(ints = {0x8011, 0xffff})
    void anOversizeFrameEndsTheSessionBeforeItIsRead(int length) throws Exception {
        assertThat(ControlCodec.MAX_MESSAGE_BYTES + CipherState.TAG_BYTES).isEqualTo(0x8010);
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.openSession(secret, "app");
            peer.write(new byte[] {(byte) (length >> 8), (byte) length});
            awaitEnd(session());
            assertThat(peer.atEnd()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CipherState.TAG_BYTES - 1})
    void aFrameTooShortForItsTagEndsTheSession(int length) throws Exception {
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.openSession(secret, "app");
            peer.write(new byte[] {0, (byte) length});
            awaitEnd(session());
        }
    }

    @Test
    void anAlteredFrameEndsTheSession() throws Exception {
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.openSession(secret, "app");
            peer.write(new byte[] {0, 17});
            peer.write(new byte[17]);
            awaitEnd(session());
        }
    }

    @Test
    void anUnknownRequestEndsTheSession() throws Exception {
        try (RawPeer peer = new RawPeer(server.address())) {
            peer.openSession(secret, "app").send(new byte[] {77}, Deadline.after(LONG));
            awaitEnd(session());
        }
    }

    @Test
    void aMessageAfterTheOneThatEndedTheSessionIsNotHeard() throws Exception {
        try (RawPeer peer = new RawPeer(server.address())) {
            SecureChannel channel = peer.openSession(secret, "app");
            channel.send(new byte[] {77}, Deadline.after(LONG));
            awaitEnd(session());
            assertThat(peer.atEnd()).isTrue();
        }
        await().atMost(LONG).until(() -> server.sessions() == 0);
    }

    @Test
    void strangersTakeNoPlaceFromHonestClients() throws Exception {
        int flood = 50;
        RawPeer[] strangers = new RawPeer[flood];
        try {
            for (int i = 0; i < flood; i++) {
                strangers[i] = new RawPeer(server.address());
            }
            try (ControlClient client = connect()) {
                assertThat(client.describe()).isEqualTo(FakeMemoryNode.POOL);
            }
            assertThat(controlThreads()).isLessThanOrEqualTo(LIMITS.maxSessions() + LIMITS.maxHandshakes());
        } finally {
            for (RawPeer stranger : strangers) {
                if (stranger != null) {
                    stranger.close();
                }
            }
        }
    }

    private static long controlThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("finemem-control-\\d+"))
                .count();
    }
}
