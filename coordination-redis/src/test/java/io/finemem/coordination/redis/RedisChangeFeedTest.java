package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.spi.coordination.OwnerIdentity;
import io.finemem.spi.coordination.OwnerState;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** The subscription to changes: it makes things fast, and it lasts. */
final class RedisChangeFeedTest {
    private static final Pattern SUBSCRIBER = Pattern.compile("(?m)^id=(\\d+) .* age=(\\d+) .* sub=1 .*$");

    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.start().ready();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static Coordination open(Map<String, String> settings) {
        return new RedisCoordinationProvider().open(CoordinationSettings.of("redis", settings));
    }

    @Test
    void changesAndBarriersDoNotWaitForTheNextHeartbeat() throws Exception {
        Map<String, String> settings = RedisFixture.settings(server.address());
        settings.put("heartbeat", "1 m");
        settings.put("lease", "3 m");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Coordination one = open(settings);
                Coordination other = open(settings)) {
            OwnerIdentity owner = one.registerOwner("cn1").identity();
            await().until(() -> other.view().ownerState(owner).equals(Optional.of(OwnerState.LIVE)));
            Future<Long> waiting = thread.submit(() -> one.barrier("b", 2).await(Duration.ofSeconds(30)));

            assertThat(other.barrier("b", 2).await(Duration.ofSeconds(30))).isEqualTo(waiting.get());
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void subscriptionOnWhichNothingHappensIsKept() {
        try (Coordination idle = open(RedisFixture.settings(server.address()));
                Jedis admin = new Jedis("127.0.0.1", server.port())) {
            await().until(() -> subscriber(admin).find());
            await("the subscription gets older than its time limit").until(() -> {
                Matcher subscriber = subscriber(admin);
                return subscriber.find() && Integer.parseInt(subscriber.group(2)) >= 2;
            });
            assertThat(idle.status().connected()).isTrue();
        }
    }

    private static Matcher subscriber(Jedis admin) {
        return SUBSCRIBER.matcher(admin.clientList());
    }
}
