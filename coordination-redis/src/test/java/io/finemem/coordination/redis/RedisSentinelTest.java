package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.OwnerRegistration;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.coordination.Registration;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** A primary, a replica and a sentinel that makes the replica the primary when that dies. */
final class RedisSentinelTest {
    private static final Duration FAILOVER_LIMIT = Duration.ofSeconds(30);

    private static RedisServer sentinel(RedisServer primary, int quorum) {
        return RedisServer.start(
                        "sentinel monitor directory 127.0.0.1 " + primary.port() + " " + quorum,
                        "sentinel down-after-milliseconds directory 500",
                        "sentinel failover-timeout directory 2000",
                        DocumentedRights.option("finemem-sentinel", 1))
                .ready();
    }

    private static Map<String, String> settings(RedisServer sentinel) {
        Map<String, String> settings = RedisFixture.settings(sentinel.address());
        settings.put("mode", "sentinel");
        settings.put("sentinel-primary", "directory");
        settings.put("sentinel-user", "finemem-sentinel");
        settings.put(
                "sentinel-password-file",
                RedisFixture.secretFile(DocumentedRights.PASSWORD).toString());
        settings.put("user", "finemem");
        settings.put(
                "password-file",
                RedisFixture.secretFile(DocumentedRights.PASSWORD).toString());
        return settings;
    }

    private static void awaitReplication(RedisServer replica) {
        try (RedisClient client = RedisClient.create("127.0.0.1", replica.port())) {
            await().atMost(FAILOVER_LIMIT)
                    .until(() -> client.info("replication").contains("master_link_status:up"));
        }
    }

    private static void awaitSentinelKnowsReplica(RedisServer sentinel) {
        await().atMost(FAILOVER_LIMIT).until(() -> {
            try (RedisClient client = RedisClient.create("127.0.0.1", sentinel.port())) {
                return client.info("sentinel").contains("slaves=1");
            }
        });
    }

    @Test
    void failoverIsAnOutageAfterWhichEverybodyIsStillThere() {
        try (RedisServer primary =
                        RedisServer.start(DocumentedRights.option("finemem", 1)).ready();
                RedisServer replica = RedisServer.start(
                                "replicaof 127.0.0.1 " + primary.port(), DocumentedRights.option("finemem", 1))
                        .ready();
                RedisServer sentinel = sentinel(primary, 1)) {
            awaitReplication(replica);
            awaitSentinelKnowsReplica(sentinel);
            CoordinationSettings settings = CoordinationSettings.of("redis", settings(sentinel));
            try (Coordination coordination = new RedisCoordinationProvider().open(settings)) {
                OwnerRegistration owner = coordination.registerOwner("cn1");
                OwnerRegistration dead = coordination.registerOwner("cn2");
                coordination.declareDead(dead.identity());
                primary.kill();
                await().atMost(FAILOVER_LIMIT)
                        .until(() -> coordination.status().state() == CoordinationStatus.State.DISCONNECTED);
                await().atMost(FAILOVER_LIMIT).until(() -> coordination.status().connected());

                assertThat(coordination.registerOwner("cn3").identity().incarnation())
                        .isGreaterThan(dead.identity().incarnation());
                assertThat(owner.state()).isEqualTo(Registration.State.ACTIVE);
                assertThat(coordination.view().ownerState(owner.identity())).isEqualTo(Optional.of(OwnerState.LIVE));
                assertThat(coordination.view().hasEnded(dead.identity())).isTrue();
            }
        }
    }

    @Test
    void nameThatTheSentinelsDoNotKnowIsSaidSo() {
        try (RedisServer primary =
                        RedisServer.start(DocumentedRights.option("finemem", 1)).ready();
                RedisServer sentinel = sentinel(primary, 1)) {
            Map<String, String> settings = settings(sentinel);
            settings.put("sentinel-primary", "other");

            assertThatThrownBy(() -> new RedisCoordinationProvider().open(CoordinationSettings.of("redis", settings)))
                    .isInstanceOf(CoordinationUnavailable.class)
                    .hasMessageContaining("other");
        }
    }

    @Test
    void sentinelsThatCannotBeReachedAreSaidSo() {
        Map<String, String> settings = RedisFixture.settings("127.0.0.1:" + RedisServer.freePort());
        settings.put("mode", "sentinel");
        settings.put("sentinel-primary", "directory");

        assertThatThrownBy(() -> new RedisCoordinationProvider().open(CoordinationSettings.of("redis", settings)))
                .isInstanceOf(CoordinationUnavailable.class);
    }
}
