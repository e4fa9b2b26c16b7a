package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.coordination.CoordinationUnavailable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory nodes and applications that find each other in Redis, each a process, and Redis another one. */
@Timeout(180)
class DirectoryProcessTest {
    private static final int OUTAGES = 3;
    /** Operations that an application does while Redis is away. */
    private static final int MANY = 500;

    private static final int LIMIT_SECONDS = 60;

    @TempDir
    private Path directory = Path.of(".");

    private final List<AutoCloseable> started = new ArrayList<>();
    private RedisProcess redis;
    private String common = "";

    @BeforeEach
    void startRedis() throws IOException {
        redis = RedisProcess.start(directory);
        started.add(redis);
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        common = "finemem { secret-file = \"" + secret + "\"\n transport { name = shm, shm.directory = \""
                + Files.createDirectory(directory.resolve("fabric")) + "\" }\n"
                + " coordination { provider = redis, redis { addresses = \"" + redis.address()
                + "\", insecure = true, heartbeat = 100ms, timeout = 500ms, lease = 2s } } }\n";
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : started) {
            each.close();
        }
    }

    private <P extends AutoCloseable> P started(P process) {
        started.add(process);
        return process;
    }

    private JavaProcess memoryNode(String name) throws IOException {
        Path file = Files.writeString(
                directory.resolve(name + ".conf"),
                common + "finemem.memory-node { name = " + name + ", pool = 16MiB, listen.port = 0 }");
        return started(JavaProcess.start(directory, FineMemCommand.class, "memory-node", "-c", file.toString()));
    }

    private static String address(JavaProcess node) throws InterruptedException {
        return node.line().replaceAll(".* address=(\\S+) .*", "$1");
    }

    private JavaProcess application(long seed) throws IOException {
        return started(JavaProcess.start(directory, DirectoryApplication.class, common, Long.toString(seed)));
    }

    /** What an application says ten times a second. */
    private record Said(long operations, long failed, long outages, boolean connected, List<String> nodes) {
        static Said parse(String line) {
            String[] words = line.split(" ");
            assertThat(words[0]).as(line).isEqualTo("at");
            return new Said(
                    Long.parseLong(words[1]),
                    Long.parseLong(words[2]),
                    Long.parseLong(words[3]),
                    Boolean.parseBoolean(words[4]),
                    words.length > 5 ? List.of(words[5].split(",")) : List.of());
        }
    }

    private static Said awaitSaid(JavaProcess application, Predicate<Said> condition) throws InterruptedException {
        long deadline = System.nanoTime() + JavaProcess.PATIENCE.toNanos();
        Said said = Said.parse(application.line());
        while (!condition.test(said)) {
            assertThat(System.nanoTime())
                    .as("waited in vain; last: %s, %s", said, application.errors())
                    .isLessThan(deadline);
            said = Said.parse(application.line());
        }
        return said;
    }

    @Test
    void redisIsKilledThreeTimesAndNoAllocationFails() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<JavaProcess> nodes = new ArrayList<>(List.of(memoryNode("mn0"), memoryNode("mn1")));
        List<String> addresses = new ArrayList<>(List.of(address(nodes.get(0)), address(nodes.get(1))));
        List<JavaProcess> applications = List.of(application(seed), application(seed + 1));
        for (JavaProcess application : applications) {
            awaitSaid(
                    application,
                    said -> said.operations() > MANY && said.nodes().equals(List.of("mn0", "mn1")));
        }
        for (int outage = 1; outage <= OUTAGES; outage++) {
            redis.kill();
            workWithoutRedis(applications, outage);
            if (outage == 2) {
                JavaProcess late = memoryNode("mn2");
                addresses.add(address(late));
                nodes.add(late);
                assertThat(late.errors()).contains("memory node mn2 serves, and is listed when the directory is there");
            }
            if (outage == OUTAGES) {
                redis.restartEmpty();
            } else {
                redis.restart();
            }
            List<String> expected = outage < 2 ? List.of("mn0", "mn1") : List.of("mn0", "mn1", "mn2");
            for (JavaProcess application : applications) {
                awaitSaid(application, said -> said.connected() && said.nodes().equals(expected));
            }
        }
        await().atMost(JavaProcess.PATIENCE)
                .until(() -> inspect("mn2").path("owners").size() == applications.size());
        for (JavaProcess application : applications) {
            application.endInput();
            assertThat(application.exitCode()).as(application.errors()).isZero();
            List<String> output = application.output();
            assertThat(output.get(output.size() - 1)).matches("done \\d+ 0");
        }
        for (String node : addresses) {
            assertSoundAndEmpty(node);
        }
        for (JavaProcess node : nodes.subList(0, 2)) {
            // One that was still away when Redis was killed again has seen one outage of the two.
            assertThat(node.errors()
                            .lines()
                            .filter(line -> line.contains("the directory is lost"))
                            .count())
                    .isBetween(1L, (long) OUTAGES);
        }
    }

    @Test
    void membersAreListedWhileTheyLiveAndTheirChangesAreTold() throws Exception {
        JavaProcess node = memoryNode("mn0");
        String address = address(node);
        JavaProcess watcher = started(
                JavaProcess.start(directory, FineMemCommand.class, "cluster", "--watch", "-c", toolConfiguration()));
        assertThat(watcher.line())
                .startsWith("memory node mn0 serving address=" + address + " transport=shm heap=16MiB");
        JavaProcess application = application(1);
        awaitSaid(application, said -> said.operations() > 0);
        assertThat(watcher.line()).matches("owner \\S+:\\d+#\\d+ live");

        JsonNode cluster = new ObjectMapper().readTree(run("cluster", "--json"));
        assertThat(cluster.path("memoryNodes").path(0).path("address").asText()).isEqualTo(address);
        assertThat(cluster.path("owners").path(0).path("state").asText()).isEqualTo("live");
        run("drain", "mn0");
        assertThat(watcher.line()).startsWith("memory node mn0 draining ");
        run("drain", "mn0", "--undo");
        assertThat(watcher.line()).startsWith("memory node mn0 serving ");

        application.kill();
        assertThat(watcher.line()).matches("owner \\S+ dead");
        node.terminate();
        assertThat(watcher.line()).startsWith("memory node mn0 gone ");
    }

    @Test
    void partiesOfABarrierPassTogether() throws Exception {
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> barrier("start"));
        CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> barrier("start"));

        assertThat(first.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isEqualTo(second.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isEqualToIgnoringNewLines("passed name=start parties=2 generation=1");
    }

    private String barrier(String name) {
        try {
            return run("barrier", name, "--parties", "2");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void clientWithoutAMemoryNodeInTheDirectoryIsToldSo() throws Exception {
        assertThatThrownBy(() ->
                        FineMem.connect(ConfigFactory.parseString(common + "finemem.client.connect-timeout = 200ms")))
                .isInstanceOf(CoordinationUnavailable.class)
                .hasMessageStartingWith("the directory lists no memory node that serves: start one");
        redis.kill();
        assertThatThrownBy(() -> FineMem.connect(ConfigFactory.parseString(common)))
                .isInstanceOf(CoordinationUnavailable.class);
    }

    private static void workWithoutRedis(List<JavaProcess> applications, int outage) throws InterruptedException {
        for (JavaProcess application : applications) {
            Said lost = awaitSaid(application, said -> !said.connected() && said.outages() == outage);
            Said later = awaitSaid(application, said -> said.operations() > lost.operations() + MANY);
            assertThat(later.connected()).isFalse();
            assertThat(later.nodes()).contains("mn0", "mn1");
        }
    }

    private void assertSoundAndEmpty(String address) throws IOException {
        JsonNode json = inspect(address);
        assertThat(json.path("violations")).isEmpty();
        assertThat(json.path("usedBytes").asLong()).isZero();
        assertThat(json.path("owners")).isEmpty();
    }

    private JsonNode inspect(String node) throws IOException {
        return new ObjectMapper().readTree(run("inspect", node, "--json"));
    }

    private String toolConfiguration() throws IOException {
        return Files.writeString(directory.resolve("tool.conf"), common).toString();
    }

    private String run(String... command) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("-c", toolConfiguration()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = FineMemCommand.execute(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
        assertThat(code).as(err.toString()).isZero();
        return out.toString();
    }
}
