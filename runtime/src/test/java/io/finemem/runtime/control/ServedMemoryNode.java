package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A server on loopback in front of a {@link FakeMemoryNode}; whatever a test does, no session of it is left at the end. */
@Timeout(60)
abstract class ServedMemoryNode {
    static final Duration SHORT = Duration.ofMillis(300);
    static final Duration LONG = Duration.ofSeconds(20);
    static final ControlLimits LIMITS = new ControlLimits(4, 4, LONG, LONG);
    static final ControlTimeouts TIMEOUTS = new ControlTimeouts(LONG, LONG, LONG);
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    final PresharedSecret secret = PresharedSecret.random();
    final FakeMemoryNode node = new FakeMemoryNode();
    ControlServer server = start(LIMITS);

    final ControlServer start(ControlLimits limits) {
        return ControlServer.start(ANY_PORT, limits, secret, node::newSession);
    }

    final void restart(ControlLimits limits) {
        server.close();
        server = start(limits);
    }

    @BeforeEach
    void listensOnLoopback() {
        assertThat(server.address().getPort()).isPositive();
    }

    @AfterEach
    void closeServer() {
        server.close();
        assertThat(server.sessions()).isZero();
    }

    final ControlClient connect() {
        return ControlClient.connect(server.address(), secret, "app", TIMEOUTS);
    }

    final FakeMemoryNode.Session session() {
        return Objects.requireNonNull(node.sessions.get("app"));
    }

    static void awaitEnd(FakeMemoryNode.Session session) throws InterruptedException {
        assertThat(session.ended.await(LONG.toSeconds(), TimeUnit.SECONDS))
                .as("session ended")
                .isTrue();
    }
}
