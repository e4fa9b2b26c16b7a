package io.finemem.coordination.redis;

import io.finemem.spi.settings.NetworkAddress;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.util.Delay;

/** Makes the client of a mode. Connections are plain RESP 2: that needs the fewest rights. */
final class RedisClients {
    /** Connections that are kept while nobody uses them, and may be found broken. */
    static final int IDLE_CONNECTIONS = 2;

    private static final int CONNECTIONS = 8;
    private static final int ATTEMPTS = 3;

    private RedisClients() {}

    static UnifiedJedis open(RedisSettings settings) {
        JedisClientConfig config = config(settings, settings.credentials(), silence(settings));
        return switch (settings.mode()) {
            case STANDALONE ->
                RedisClient.builder()
                        .hostAndPort(hostAndPort(settings.addresses().get(0)))
                        .clientConfig(config)
                        .poolConfig(pool(settings))
                        .build();
            case SENTINEL ->
                RedisSentinelClient.builder()
                        .masterName(settings.primary())
                        .sentinels(nodes(settings))
                        .clientConfig(config)
                        .sentinelClientConfig(config(settings, settings.sentinelCredentials(), settings.lease()))
                        .sentinelReconnectDelay(Delay.constant(settings.heartbeat()))
                        .poolConfig(pool(settings))
                        .build();
            case CLUSTER ->
                RedisClusterClient.builder()
                        .nodes(nodes(settings))
                        .clientConfig(config)
                        .maxAttempts(ATTEMPTS)
                        .maxTotalRetriesDuration(settings.timeout())
                        .poolConfig(pool(settings))
                        .build();
        };
    }

    /** A subscribed connection that hears nothing for {@code silence} is made anew. */
    private static JedisClientConfig config(RedisSettings settings, Credentials credentials, Duration silence) {
        int timeout = Math.toIntExact(settings.timeout().toMillis());
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis(timeout)
                .socketTimeoutMillis(timeout)
                .blockingSocketTimeoutMillis(Math.toIntExact(silence.toMillis()))
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .user(credentials.user())
                .password(credentials.password());
        if (settings.tls() != null) {
            config.sslOptions(settings.tls());
        }
        return config.build();
    }

    /** By then, the answers to two pings are missing. */
    private static Duration silence(RedisSettings settings) {
        return settings.heartbeat().multipliedBy(2).plus(settings.timeout());
    }

    private static ConnectionPoolConfig pool(RedisSettings settings) {
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(CONNECTIONS);
        pool.setMaxIdle(IDLE_CONNECTIONS);
        pool.setMinIdle(0);
        pool.setMaxWait(settings.timeout());
        pool.setTestWhileIdle(false);
        pool.setTimeBetweenEvictionRuns(Duration.ofMillis(-1));
        pool.setJmxEnabled(false);
        return pool;
    }

    private static Set<HostAndPort> nodes(RedisSettings settings) {
        return settings.addresses().stream().map(RedisClients::hostAndPort).collect(Collectors.toSet());
    }

    private static HostAndPort hostAndPort(NetworkAddress address) {
        return new HostAndPort(address.host(), address.port());
    }
}
