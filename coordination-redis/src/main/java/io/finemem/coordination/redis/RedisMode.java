package io.finemem.coordination.redis;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How the configured addresses are to be understood. */
enum RedisMode {
    /** One server. */
    STANDALONE(6379),
    /** Sentinels that know where the primary is. */
    SENTINEL(26379),
    /** Some nodes of a cluster. */
    CLUSTER(6379);

    private final int defaultPort;

    RedisMode(int defaultPort) {
        this.defaultPort = defaultPort;
    }

    int defaultPort() {
        return defaultPort;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<RedisMode> of(String text) {
        return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
    }

    static String all() {
        return Arrays.stream(values()).map(RedisMode::text).collect(Collectors.joining(", "));
    }
}
