package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.settings.NetworkAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Jedis;

/** Users, passwords, rights, and what somebody else may have written. */
final class RedisAccessTest {
    private static final String ADMIN_PASSWORD = "adm1n-s3cret";
    private static final String PASSWORD = DocumentedRights.PASSWORD;

    private static RedisServer server;
    private static Jedis admin;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    @BeforeAll
    static void startServer() {
        server = RedisServer.start("requirepass " + ADMIN_PASSWORD, DocumentedRights.option("finemem", 1))
                .ready();
        admin = new Jedis("127.0.0.1", server.port());
        admin.auth(ADMIN_PASSWORD);
    }

    @AfterAll
    static void stopServer() {
        admin.close();
        server.close();
    }

    @BeforeEach
    void listen() {
        admin.del("{finemem}:meta", "{finemem}:nodes", "{finemem}:owners", "{finemem}:leases", "{finemem}:ended");
        log.start();
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
    }

    @AfterEach
    void stopListening() {
        root.setLevel(Level.ERROR);
        root.detachAppender(log);
    }

    private static CoordinationSettings settings(String user, String password) {
        Map<String, String> values = RedisFixture.settings(server.address());
        values.put("password-file", RedisFixture.secretFile(password).toString());
        if (!user.isEmpty()) {
            values.put("user", user);
        }
        return CoordinationSettings.of("redis", values);
    }

    private static Coordination open(CoordinationSettings settings) {
        return new RedisCoordinationProvider().open(settings);
    }

    private static MemoryNodeEntry node(String name) {
        return new MemoryNodeEntry(name, new NetworkAddress("h", 1), 1, "shm", 1, MemoryNodeState.SERVING);
    }

    @Test
    void userWithTheDocumentedRightsCanDoEverythingAndNothingElse() throws InterruptedException {
        try (Coordination coordination = open(settings("finemem", PASSWORD));
                Coordination other = open(settings("finemem", PASSWORD))) {
            coordination.registerMemoryNode(node("mn1")).update(MemoryNodeState.DRAINING);
            OwnerIdentity owner = coordination.registerOwner("cn1").identity();
            other.declareDead(owner);
            await().until(() -> coordination.view().ownerState(owner).equals(Optional.of(OwnerState.DEAD)));
            coordination.barrier("b", 1).await(Duration.ofSeconds(5));
            assertThatThrownBy(() -> coordination.barrier("b", 2).await(Duration.ofMillis(50)))
                    .isInstanceOf(OperationTimeout.class);
        }
        RedisSettings checked = RedisSettings.read(settings("finemem", PASSWORD));
        try (var client = RedisClients.open(checked)) {
            assertThatThrownBy(() -> client.get("other")).hasMessageContaining("NOPERM");
            assertThatThrownBy(() -> client.flushAll()).hasMessageContaining("NOPERM");
            assertThatThrownBy(() -> client.publish("other", "x")).hasMessageContaining("NOPERM");
        }
        assertThat(messages()).noneMatch(message -> message.contains("changes are seen at heartbeats only"));
    }

    @Test
    void wrongPasswordIsSaidSoAndNotShown() {
        assertThatThrownBy(() -> open(settings("finemem", "wr0ng-s3cret")))
                .isInstanceOf(AuthenticationFailed.class)
                .hasMessageContaining("user=finemem")
                .hasMessageContaining("WRONGPASS")
                .hasMessageNotContaining("s3cret");
        assertThat(new RedisCoordinationProvider()
                        .availability(settings("finemem", "wr0ng-s3cret"))
                        .detail())
                .contains("WRONGPASS")
                .doesNotContain("s3cret");
    }

    @Test
    void missingPasswordIsSaidSo() {
        CoordinationSettings settings = CoordinationSettings.of("redis", RedisFixture.settings(server.address()));

        assertThatThrownBy(() -> open(settings))
                .isInstanceOf(AuthenticationFailed.class)
                .hasMessageContaining("NOAUTH");
    }

    @Test
    void missingRightIsSaidSo() {
        admin.aclSetUser("weak", "on", ">" + PASSWORD, "~{finemem}:*", "+evalsha", "+eval", "+ping");

        assertThatThrownBy(() -> open(settings("weak", PASSWORD)))
                .isInstanceOf(AuthenticationFailed.class)
                .hasMessageContaining("docs/redis.md");
    }

    @Test
    void withoutTheRightToTheChannelChangesAreSeenAtHeartbeats() {
        admin.aclSetUser("deaf", "on", ">" + PASSWORD, "~{finemem}:*", "+@all", "-subscribe", "&*");
        try (Coordination deaf = open(settings("deaf", PASSWORD));
                Coordination other = open(settings("", ADMIN_PASSWORD))) {
            OwnerIdentity owner = other.registerOwner("cn1").identity();

            await().until(() -> deaf.view().ownerState(owner).equals(Optional.of(OwnerState.LIVE)));
            assertThat(messages()).anyMatch(message -> message.contains("changes are seen at heartbeats only"));
        }
    }

    @Test
    void noSecretReachesAnyLog() {
        try (Coordination coordination = open(settings("", ADMIN_PASSWORD))) {
            coordination.registerOwner("cn1");
        }
        assertThat(messages()).isNotEmpty().noneMatch(message -> message.contains("s3cret"));
    }

    @Test
    void everyStartOfAnOpenDirectoryWarns() {
        for (int start = 1; start <= 2; start++) {
            open(settings("", ADMIN_PASSWORD)).close();
            assertThat(List.copyOf(log.list))
                    .filteredOn(event -> event.getLevel() == Level.WARN)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .filteredOn(message -> message.contains("no TLS (redis.tls)") && message.contains("insecure"))
                    .hasSize(start);
        }
    }

    @Test
    void directoryOfAnotherLayoutIsRefused() {
        admin.hset("{finemem}:meta", "layout", "2");

        assertThatThrownBy(() -> open(settings("", ADMIN_PASSWORD)))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("layout=2")
                .hasMessageContaining("prefix=finemem");
    }

    @Test
    void spoiltRecordsHideNothingElse() {
        admin.hset("{finemem}:nodes", "evil", "SERVING 1 h:1");
        admin.hset("{finemem}:owners", "5", "IMMORTAL x");
        try (Coordination coordination = open(settings("", ADMIN_PASSWORD))) {
            coordination.registerMemoryNode(node("mn1"));

            assertThat(coordination.view().memoryNodes()).containsOnlyKeys("mn1");
            assertThat(coordination.view().owners()).isEmpty();
            assertThat(messages()).anyMatch(message -> message.contains("evil"));
        }
    }

    @Test
    void keysOfTheWrongTypeAreAnOutageAndNoCrash() {
        admin.set("{finemem}:leases", "not a set");

        assertThatThrownBy(() -> open(settings("", ADMIN_PASSWORD)))
                .isInstanceOf(CoordinationUnavailable.class)
                .hasMessageContaining("WRONGTYPE");
    }

    @Test
    void endedMembersAreForgottenAfterTheRetentionAndStayEnded() {
        Map<String, String> values = RedisFixture.settings(server.address());
        values.put("password-file", RedisFixture.secretFile(ADMIN_PASSWORD).toString());
        values.put("retention", "1 s");
        try (Coordination coordination = open(CoordinationSettings.of("redis", values))) {
            OwnerIdentity owner = coordination.registerOwner("cn1").identity();
            coordination.declareDead(owner);
            coordination.registerMemoryNode(node("mn1")).close();

            await().until(() -> coordination.view().owners().isEmpty()
                    && coordination.view().memoryNodes().isEmpty());
            assertThat(coordination.view().hasEnded(owner)).isTrue();
            assertThat(coordination.declareDead(owner)).isNotNull();
            assertThat(coordination.view().owners()).isEmpty();
        }
    }

    private List<String> messages() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
