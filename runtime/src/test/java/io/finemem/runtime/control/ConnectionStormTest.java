package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What a flood of strangers costs a memory node. */
@Timeout(60)
class ConnectionStormTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int RATE = 25;
    private static final int STORM = 400;
    private static final ControlLimits LIMITS = new ControlLimits(4, 4, RATE, LONG, LONG);
    private static final ControlTimeouts TIMEOUTS = new ControlTimeouts(LONG, LONG, LONG);

    private final PresharedSecret secret = PresharedSecret.random();
    private final FakeMemoryNode node = new FakeMemoryNode();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @Test
    void aFloodFromOneAddressIsRefusedUnheardLoggedInFewLinesAndEndsWithIt() throws Exception {
        flood(STORM);
    }

    @Test
    @Tag("slow")
    void tenThousandConnectionsDoNoMore() throws Exception {
        flood(10_000);
    }

    private void flood(int storm) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(ControlServer.class);
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        long begin = System.nanoTime();
        int unheard = 0;
        try (ControlServer server = ControlServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LIMITS, secret, node::newSession)) {
            for (int i = 0; i < storm; i++) {
                unheard += refused(server.address()) ? 1 : 0;
            }
            assertThat(unheard)
                    .isGreaterThanOrEqualTo(storm - RATE - (int) (seconds(begin) * RATE))
                    .isPositive();
            try (ControlClient honest = ControlClient.connect(server.address(), secret, "app", TIMEOUTS)) {
                assertThat(honest.describe()).isEqualTo(FakeMemoryNode.POOL);
            }
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
        List<String> lines =
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(lines).hasSizeLessThan((int) (seconds(begin) + 1) * 10);
        assertThat(lines)
                .anyMatch(
                        line -> line.startsWith(
                                "a control connection was refused: more than " + RATE
                                        + " in a second from 127.0.0.1; if they are honest raise finemem.memory-node.control.max-rate"));
        assertThat(lines).anyMatch(line -> line.matches("\\d+ more lines like the last ones were left out"));
    }

    private static long seconds(long begin) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + 1;
    }

    /** Whether the memory node says that it is busy without having read a byte. */
    private static boolean refused(InetSocketAddress address) throws IOException {
        try (RawPeer peer = new RawPeer(address)) {
            peer.write(
                    new byte[] {'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x'}); // a stranger that the node would hang up on
            return Greeting.decode(peer.read(Greeting.BYTES)).status() == Greeting.Status.BUSY;
        } catch (IOException e) {
            return false; // hung up on
        }
    }
}
