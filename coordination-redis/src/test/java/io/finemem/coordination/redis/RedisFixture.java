package io.finemem.coordination.redis;

import io.finemem.spi.coordination.Coordination;
import io.finemem.spi.coordination.CoordinationSettings;
import io.finemem.tck.coordination.CoordinationFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A directory under a prefix of its own. Its server is the one that the environment's {@code FINEMEM_REDIS_URL}
 * names, such as {@code redis://user:password@host:6379} or {@code rediss://...}, or else one in a {@linkplain
 * RedisContainer container}, or else one redis-server process that all such fixtures share.
 */
final class RedisFixture implements CoordinationFixture {
    static final Duration LEASE = Duration.ofSeconds(1);

    private static final String URL = "FINEMEM_REDIS_URL";
    private static @Nullable RedisServer shared;

    private final Map<String, String> settings;
    private final List<Coordination> opened = new ArrayList<>();

    private RedisFixture(Map<String, String> settings) {
        this.settings = settings;
    }

    static RedisFixture create() {
        String url = System.getenv(URL);
        Map<String, String> settings = url == null ? settings(sharedAddress()) : external(URI.create(url));
        settings.put("prefix", "test-" + UUID.randomUUID());
        return new RedisFixture(settings);
    }

    /** A fixture on a server that the test looks after itself. */
    static RedisFixture on(Map<String, String> settings) {
        return new RedisFixture(settings);
    }

    /** Settings with short times; open to everybody, as the tests' server is. */
    static Map<String, String> settings(String addresses) {
        return new HashMap<>(Map.of(
                "addresses",
                addresses,
                "insecure",
                "true",
                "heartbeat",
                "100 ms",
                "timeout",
                "500 ms",
                "lease",
                LEASE.toMillis() + " ms"));
    }

    private static Map<String, String> external(URI url) {
        Map<String, String> settings = settings(url.getHost() + ":" + url.getPort());
        settings.put("tls", Boolean.toString(url.getScheme().equals("rediss")));
        if (url.getUserInfo() != null) {
            String[] credentials = url.getUserInfo().split(":", 2);
            if (!credentials[0].isEmpty()) {
                settings.put("user", credentials[0]);
            }
            settings.put("password-file", secretFile(credentials[1]).toString());
        }
        return settings;
    }

    static Path secretFile(String content) {
        try {
            Path file = Files.createTempFile(
                    "finemem-secret",
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            file.toFile().deleteOnExit();
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sharedAddress() {
        return RedisContainer.wanted()
                ? RedisContainer.address()
                : sharedServer().address();
    }

    private static synchronized RedisServer sharedServer() {
        if (shared == null) {
            shared = RedisServer.start("appendonly no").ready();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::deleteDirectory));
        }
        return shared;
    }

    @Override
    public Coordination open() {
        Coordination coordination = new RedisCoordinationProvider().open(CoordinationSettings.of("redis", settings));
        opened.add(coordination);
        return coordination;
    }

    @Override
    public void vanish(Coordination participant) {
        ((RedisCoordination) participant).abandon();
    }

    @Override
    public Duration lease() {
        return LEASE;
    }

    /** Removes what the test wrote: on a server of somebody else's, nothing stays. */
    @Override
    public void close() {
        opened.forEach(Coordination::close);
        if (System.getenv(URL) != null) {
            RedisSettings checked = RedisSettings.read(CoordinationSettings.of("redis", settings));
            try (var client = RedisClients.open(checked)) {
                client.keys("{" + checked.prefix() + "}:*").forEach(client::del);
            }
        }
    }
}
