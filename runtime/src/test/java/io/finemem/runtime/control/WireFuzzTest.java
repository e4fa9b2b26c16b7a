package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.api.ProtocolViolation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * Nonsense on the wire, for 10 s each or {@code -Dfinemem.fuzz.seconds}; {@code -Dfinemem.seed} repeats a run. Nothing but the typed
 * refusals may come of it, and the memory node goes on.
 */
@Tag("slow")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class WireFuzzTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final byte[] NOTHING = new byte[0];

    private final long seed = Long.getLong("finemem.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("finemem.fuzz.seconds", 10));

    private boolean more() {
        return System.nanoTime() - end < 0;
    }

    private byte[] mutated(byte[] original) {
        byte[] bytes = Arrays.copyOf(original, Math.max(0, original.length + random.nextInt(-3, 4)));
        for (int changes = random.nextInt(6); changes > 0 && bytes.length > 0; changes--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    private void tell(String what, long tried, long accepted) {
        System.out.printf("seed %d: %d %s, %d of them accepted%n", seed, tried, what, accepted);
    }

    @Test
    void anyMessageDecodesOrIsRefused() {
        List<byte[]> corpus = ControlCodecTest.messages().toList();
        long tried = 0;
        long accepted = 0;
        while (more()) {
            for (int i = 0; i < 1000; i++, tried++) {
                byte[] message = mutated(corpus.get(random.nextInt(corpus.size())));
                accepted += decodes(message, true) || decodes(message, false) ? 1 : 0;
            }
        }
        tell("messages", tried, accepted);
        assertThat(accepted).as("seed %d", seed).isPositive().isLessThan(tried);
    }

    private boolean decodes(byte[] message, boolean request) {
        try {
            Object decoded = request ? ControlCodec.decodeRequest(message) : ControlCodec.decodeResponse(message);
            assertThat(decoded).isNotNull();
            return true;
        } catch (ProtocolViolation e) {
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ", message " + HexFormat.of().formatHex(message), e);
        }
    }

    @Test
    void noHandshakeButTheTrueOneGoesThrough() throws GeneralSecurityException {
        PresharedSecret secret = PresharedSecret.random();
        long tried = 0;
        while (more()) {
            byte[] greeting = Greeting.ofClient().encode();
            NoiseHandshake initiator = NoiseHandshake.initiator(greeting, secret.key(), X25519.newPrivateKey());
            NoiseHandshake responder = NoiseHandshake.responder(greeting, secret.key(), X25519.newPrivateKey());
            byte[] first = initiator.write(NOTHING);
            for (int i = 0; i < 20; i++, tried++) {
                byte[] wrong = mutated(first);
                assertThat(accepts(NoiseHandshake.responder(greeting, secret.key(), X25519.newPrivateKey()), wrong))
                        .as("seed %d", seed)
                        .isEqualTo(Arrays.equals(wrong, first));
            }
            responder.read(first);
            byte[] answer = mutated(responder.write(NOTHING));
            byte[] untouched = answer.clone();
            if (accepts(initiator, answer)) {
                assertThat(initiator.transportKeys()).as("seed %d", seed).isNotNull();
                assertThat(untouched).hasSize(NoiseHandshake.MESSAGE_BYTES);
            }
        }
        tell("handshake messages", tried, 0);
    }

    private boolean accepts(NoiseHandshake side, byte[] message) {
        try {
            side.read(message);
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ", message " + HexFormat.of().formatHex(message), e);
        }
    }

    @Test
    void memoryNodeGoesOnWhateverItsPeersSay() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(ControlServer.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        PresharedSecret secret = PresharedSecret.random();
        FakeMemoryNode node = new FakeMemoryNode();
        ControlLimits limits = new ControlLimits(8, 8, 1 << 12, LONG, LONG);
        long tried = 0;
        try (ControlServer server = ControlServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, secret, node::newSession)) {
            List<byte[]> corpus = ControlCodecTest.messages().toList();
            for (; more(); tried++) {
                converse(server.address(), secret, corpus);
            }
            try (ControlClient honest =
                    ControlClient.connect(server.address(), secret, "app", new ControlTimeouts(LONG, LONG, LONG))) {
                assertThat(honest.describe()).isEqualTo(FakeMemoryNode.POOL);
            }
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
        tell("connections", tried, 0);
        assertThat(List.copyOf(log.list)).as("seed %d: defects", seed).noneMatch(event -> event.getLevel()
                .isGreaterOrEqual(Level.ERROR));
    }

    /** Nonsense at one of the stages of a session. */
    private void converse(InetSocketAddress address, PresharedSecret secret, List<byte[]> corpus) throws Exception {
        try (RawPeer peer = new RawPeer(address)) {
            switch (random.nextInt(4)) {
                case 0 -> peer.write(mutated(new byte[random.nextInt(200)]));
                case 1 -> peer.write(mutated(RawPeer.firstMessage(secret)));
                case 2 -> {
                    peer.openSession(secret, "fuzz");
                    peer.write(mutated(new byte[random.nextInt(100)]));
                }
                default -> {
                    SecureChannel channel = peer.openSession(secret, "fuzz");
                    for (int i = 0; i < 8; i++) {
                        channel.send(mutated(corpus.get(random.nextInt(corpus.size()))), Deadline.after(LONG));
                        channel.receive(Deadline.after(LONG));
                    }
                }
            }
        } catch (IOException e) {
            assertThat(e).as("the memory node hung up").isNotNull();
        } catch (io.finemem.api.FineMemException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }
}
