package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.CoordinationUnavailable;
import io.finemem.spi.coordination.MemoryNodeEntry;
import io.finemem.spi.coordination.MemoryNodeState;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import io.finemem.spi.settings.NetworkAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** A cluster of one node that has all slots: refuses scripts whose keys lie in several slots, as a large one does. */
final class RedisClusterTest {
    private static final int LAST_SLOT = 16_383;

    private static RedisServer server;

    @BeforeAll
    static void startCluster() {
        server = RedisServer.start(
                        "cluster-enabled yes", "cluster-config-file nodes.conf", DocumentedRights.option("finemem", 2))
                .ready();
        try (Jedis node = new Jedis("127.0.0.1", server.port())) {
            node.clusterAddSlotsRange(0, LAST_SLOT);
            await().until(() -> node.clusterInfo().contains("cluster_state:ok"));
        }
    }

    @AfterAll
    static void stopCluster() {
        server.close();
    }

    private static Map<String, String> settings(int port) {
        Map<String, String> settings = RedisFixture.settings("127.0.0.1:" + port);
        settings.put("mode", "cluster");
        settings.put("user", "finemem");
        settings.put(
                "password-file",
                RedisFixture.secretFile(DocumentedRights.PASSWORD).toString());
        return settings;
    }

    @Test
    void everythingWorksOnACluster() throws InterruptedException {
        CoordinationSettings settings = CoordinationSettings.of("redis", settings(server.port()));
        try (Coordination one = new RedisCoordinationProvider().open(settings);
                Coordination other = new RedisCoordinationProvider().open(settings)) {
            one.registerMemoryNode(
                    new MemoryNodeEntry("mn1", new NetworkAddress("h", 1), 1, "shm", 1, MemoryNodeState.SERVING));
            OwnerIdentity owner = one.registerOwner("cn1").identity();
            await().until(() -> other.view().ownerState(owner).equals(Optional.of(OwnerState.LIVE)));
            other.declareDead(owner);
            await().until(() -> one.view().hasEnded(owner));

            assertThat(other.view().serving()).hasSize(1);
            assertThat(one.barrier("b", 1).await(Duration.ofSeconds(5))).isPositive();
        }
    }

    @Test
    void clusterWhoseNodesCannotBeReachedIsSaidSo() {
        CoordinationSettings settings = CoordinationSettings.of("redis", settings(RedisServer.freePort()));

        assertThatThrownBy(() -> new RedisCoordinationProvider().open(settings))
                .isInstanceOf(CoordinationUnavailable.class);
    }
}
