package io.finemem.coordination.redis;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Redis in a container, one for all tests of this JVM that ask for it; it ends with the JVM. Used if the environment's {@code
 * FINEMEM_REDIS_IMAGE} names an image: {@code ./finemem test} makes one where a Docker engine runs, and where CI=true starts an engine.
 */
final class RedisContainer {
    private static final String SCHEME = "unix://";
    private static final String IMAGE = "FINEMEM_REDIS_IMAGE";
    private static final int PORT = 6379;
    private static final Pattern API_VERSION = Pattern.compile("\"ApiVersion\":\"([0-9.]+)\"");
    private static @Nullable GenericContainer<?> started;

    private RedisContainer() {}

    static boolean wanted() {
        return System.getenv(IMAGE) != null;
    }

    /** {@code host:port}. */
    static synchronized String address() {
        GenericContainer<?> container = started;
        if (container == null) {
            String version = engineVersion()
                    .orElseThrow(() -> new IllegalStateException(IMAGE + " is set, but no Docker engine answers"));
            // What the client takes for the least an engine can do is more than Debian's can; it can do all that is
            // needed here.
            System.setProperty("api.version", version);
            container = start();
            started = container;
        }
        return container.getHost() + ":" + container.getMappedPort(PORT);
    }

    private static GenericContainer<?> start() {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(System.getenv(IMAGE)))
                .withExposedPorts(PORT)
                .withCommand("redis-server", "--protected-mode", "no", "--save", "")
                .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1));
        container.start();
        Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "redis-container-stop"));
        return container;
    }

    /** The newest version of its API that the engine speaks; empty if none answers. */
    private static Optional<String> engineVersion() {
        String host = Optional.ofNullable(System.getenv("DOCKER_HOST")).orElse(SCHEME + "/var/run/docker.sock");
        if (!host.startsWith(SCHEME)) {
            return Optional.empty();
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(Path.of(host.substring(SCHEME.length()))));
            channel.write(StandardCharsets.US_ASCII.encode("GET /version HTTP/1.0\r\nHost: engine\r\n\r\n"));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            while (channel.read(answer) >= 0) {
                continue;
            }
            Matcher version = API_VERSION.matcher(StandardCharsets.UTF_8.decode(answer.flip()));
            return version.find() ? Optional.of(version.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
