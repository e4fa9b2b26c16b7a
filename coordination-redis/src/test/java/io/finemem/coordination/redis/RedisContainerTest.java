package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Where an engine runs, the contract runs on it, and falls back to nothing else. */
final class RedisContainerTest {

    @Test
    void contractRunsOnTheContainer() {
        assumeTrue(RedisContainer.wanted(), "FINEMEM_REDIS_IMAGE names no image: the contract runs on redis-server");

        String address = RedisContainer.address();
        try (RedisFixture fixture = RedisFixture.create();
                Jedis client = new Jedis("redis://" + address)) {
            assertThat(fixture.open().status().detail()).contains(address);
            assertThat(client.info("server"))
                    .as("the first process of a container")
                    .contains("process_id:1\r\n");
        }
    }
}
