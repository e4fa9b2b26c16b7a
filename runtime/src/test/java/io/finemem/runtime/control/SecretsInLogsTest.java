package io.finemem.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.api.AuthenticationFailed;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class SecretsInLogsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final ControlLimits LIMITS = new ControlLimits(4, 4, LIMIT, LIMIT);
    private static final ControlTimeouts TIMEOUTS = new ControlTimeouts(LIMIT, LIMIT, LIMIT);

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.finemem");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        logger.setLevel(Level.TRACE);
        logger.setAdditive(false);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void nothingOfASecretIsEverLogged() {
        PresharedSecret secret = PresharedSecret.random();
        PresharedSecret wrong = PresharedSecret.random();
        FakeMemoryNode node = new FakeMemoryNode();
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ControlServer server = ControlServer.start(anyPort, LIMITS, secret, node::newSession)) {
            assertThatThrownBy(() -> ControlClient.connect(server.address(), wrong, "app", TIMEOUTS))
                    .isInstanceOf(AuthenticationFailed.class);
            try (ControlClient client = ControlClient.connect(server.address(), secret, "app", TIMEOUTS)) {
                client.describe();
                client.register();
            }
        }
        List<String> lines = List.copyOf(log.list).stream()
                .map(event -> event.getFormattedMessage() + event.getThrowableProxy())
                .toList();
        assertThat(lines).anyMatch(line -> line.contains("did not prove that it knows the secret"));
        assertThat(lines).anyMatch(line -> line.contains("peer app at"));
        for (PresharedSecret each : List.of(secret, wrong)) {
            String base64 = Base64.getEncoder().withoutPadding().encodeToString(each.key());
            String hex = HexFormat.of().formatHex(each.key());
            assertThat(lines).noneMatch(line -> line.contains(base64) || line.contains(hex));
        }
    }
}
