package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.MemoryNodeDaemon;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.Transports;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the meters of a memory node and of an owner tell of a Redis that goes and comes back. */
@Timeout(120)
class DirectoryMetersTest {
    @TempDir
    private Path directory = Path.of(".");

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private RedisProcess redis;
    private String common = "";

    @BeforeEach
    void startRedis() throws IOException {
        redis = RedisProcess.start(directory);
        opened.add(redis);
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        common = "finemem { secret-file = \"" + secret + "\", http.port = 0\n"
                + " transport { name = shm, shm.directory = \"" + Files.createDirectory(directory.resolve("fabric"))
                + "\" }\n coordination { provider = redis, redis { addresses = \"" + redis.address()
                + "\", insecure = true, heartbeat = 50ms, timeout = 300ms, lease = 2s } } }\n";
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private MemoryNodeDaemon memoryNode(String name) {
        Config config = ConfigFactory.parseString(
                common + "finemem.memory-node { name = " + name + ", pool = 8MiB, listen.port = 0 }");
        FineMemConfig checked = FineMemConfig.of(config, Transports.discover().providers());
        MemoryNodeDaemon node = MemoryNodeDaemon.open(checked.memoryNode(), checked.http(), Transports.discover());
        opened.add(node);
        return node;
    }

    private static String http(MemoryNodeDaemon node) {
        return "127.0.0.1:" + node.httpAddress().orElseThrow().getPort();
    }

    /** A value that the endpoint of a memory node tells. */
    private double told(MemoryNodeDaemon node, String meter) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + http(node) + "/metrics"))
                .build();
        String start = meter + "{provider=\"redis\"} ";
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(start))
                    .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String top(MemoryNodeDaemon node) {
        StringWriter out = new StringWriter();
        FineMemCommand.execute(
                new PrintWriter(out, true), new PrintWriter(out, true), "top", "--once", "-d", "0.1", http(node));
        return out.toString();
    }

    @Test
    void anOutageIsSeenByMemoryNodeAndOwnerWhileTheyGoOnAndItsLengthIsKept() throws Exception {
        MemoryNodeDaemon node = memoryNode("mn0");
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        FineMem memory = FineMem.builder()
                .config(ConfigFactory.parseString(common))
                .meterRegistry(registry)
                .connect();
        opened.add(memory);
        assertThat(told(node, "finemem_directory_up")).isEqualTo(1);
        assertThat(value(registry, "up")).isEqualTo(1);
        assertThat(registry.get("finemem.directory.outages").functionCounter().count())
                .isZero();
        assertThat(top(node)).contains("mn0").doesNotContain("directory");

        redis.kill();
        await().until(() -> told(node, "finemem_directory_up") == 0 && value(registry, "up") == 0);
        assertThat(told(node, "finemem_directory_outages_total")).isEqualTo(1);
        double early = value(registry, "outage");
        await().until(() -> value(registry, "outage") > early);
        assertThat(top(node)).contains("mn0", http(node) + " has lost its directory (redis), since ");
        try (RemoteBlock block = memory.allocate(4096)) {
            assertThat(block.length()).isEqualTo(4096);
        }

        redis.restart();
        await().until(() -> told(node, "finemem_directory_up") == 1 && value(registry, "up") == 1);
        double length = value(registry, "outage");
        assertThat(length).isGreaterThan(early);
        assertThat(told(node, "finemem_directory_outage_seconds")).isPositive();
        assertThat(memory.directoryOutages()).isEqualTo(1);
        assertThat(registry.get("finemem.directory.outages").functionCounter().count())
                .isEqualTo(1);
        assertThat(value(registry, "outage")).isEqualTo(length);
        memory.close();
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void aDirectoryThatIsNotThereAtTheStartIsAnOutage() throws Exception {
        redis.kill();
        MemoryNodeDaemon node = memoryNode("mn0");
        assertThat(told(node, "finemem_directory_up")).isZero();
        assertThat(told(node, "finemem_directory_outages_total")).isEqualTo(1);

        redis.restart();
        await().until(() -> told(node, "finemem_directory_up") == 1);
        assertThat(told(node, "finemem_directory_outages_total")).isEqualTo(1);
        assertThat(told(node, "finemem_directory_outage_seconds")).isPositive();
    }

    private static double value(SimpleMeterRegistry registry, String meter) {
        return registry.get("finemem.directory." + meter).gauge().value();
    }
}
