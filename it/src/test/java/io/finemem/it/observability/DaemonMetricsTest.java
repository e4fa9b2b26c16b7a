package io.finemem.it.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.ComputeNodeDaemon;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.MemoryNodeDaemon;
import io.finemem.runtime.cli.FineMemCommand;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.metrics.MeterName;
import io.finemem.spi.transport.Transports;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A memory node, an allocation service and an application of it: what their endpoints and registries tell. */
@Timeout(60)
class DaemonMetricsTest {
    private static final int BLOCKS = 200;
    private static final Pattern METRIC = Pattern.compile("finemem_\\w+");

    @TempDir
    private Path directory = Path.of(".");

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Path file = Path.of(".");
    private MemoryNodeDaemon node;
    private ComputeNodeDaemon service;

    @BeforeEach
    void start() throws Exception {
        Path secret = directory.resolve("secret");
        assertThat(finemem("new-secret", secret.toString())).startsWith("wrote a new secret");
        String common =
                "finemem { secret-file = \"" + secret + "\", http.port = 0\n transport { name = shm, shm.directory = \""
                        + Files.createDirectory(directory.resolve("fabric")) + "\" }\n"
                        + " memory-node { pool = 8MiB, listen.port = 0 }\n service.socket = \""
                        + directory.resolve("run/service")
                        + "\"\n";
        Transports transports = Transports.discover();
        FineMemConfig ofNode = FineMemConfig.of(ConfigFactory.parseString(common + "}"), transports.providers());
        node = MemoryNodeDaemon.open(ofNode.memoryNode(), ofNode.http(), transports);
        opened.add(0, node);
        String all = common + " client { through = service, memory-nodes = [ { name = mn0, address = \"127.0.0.1:"
                + node.address().getPort() + "\" } ] } }";
        file = Files.writeString(directory.resolve("finemem.conf"), all);
        FineMemConfig ofService = FineMemConfig.of(config(), transports.providers());
        service = ComputeNodeDaemon.open(ofService.service(), ofService.http(), transports);
        opened.add(0, service);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private Config config() {
        return ConfigFactory.parseFile(file.toFile());
    }

    private static String finemem(String... arguments) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        FineMemCommand.execute(writer, writer, arguments);
        return out.toString();
    }

    private HttpResponse<String> get(InetSocketAddress endpoint, String path) throws Exception {
        URI uri = URI.create("http://" + endpoint.getAddress().getHostAddress() + ":" + endpoint.getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String metrics() throws Exception {
        return get(node.httpAddress().orElseThrow(), "/metrics").body()
                + get(service.httpAddress().orElseThrow(), "/metrics").body();
    }

    private Set<String> metricNames() throws Exception {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("finemem_"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void allocateSome(FineMem memory) {
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(memory.allocate(4096));
        }
        blocks.forEach(RemoteBlock::close);
    }

    private static Stream<String> namesOf(MeterName meter) {
        String name = meter.inPrometheus();
        return meter.kind() == MeterName.Kind.TIMER
                ? Stream.of(name + "_count", name + "_sum", name + "_bucket", name + "_max")
                : Stream.of(name);
    }

    @Test
    void endpointsTellAllMetersAndNothingElseAndTheDashboardAsksForNoOther() throws Exception {
        try (FineMem memory = FineMem.connect(config())) {
            allocateSome(memory);
            // A memory node is looked at at most once per second: its owners are seen then.
            await().until(() -> metricNames().contains(MeterName.OWNER_USED.inPrometheus()));
            Set<String> told = metricNames();
            for (MeterName meter : MeterName.values()) {
                assertThat(told)
                        .as(meter.meter())
                        .contains(namesOf(meter).findFirst().orElseThrow());
            }
            assertThat(Stream.of(MeterName.values()).flatMap(DaemonMetricsTest::namesOf))
                    .containsAll(told);
            String dashboard = Files.readString(root().resolve("docs/grafana/finemem.json"));
            JsonNode panels = new ObjectMapper().readTree(dashboard).get("panels");
            Set<String> asked = new TreeSet<>();
            panels.findValuesAsText("expr").forEach(expression -> {
                Matcher matcher = METRIC.matcher(expression);
                while (matcher.find()) {
                    asked.add(matcher.group());
                }
            });
            assertThat(asked).hasSizeGreaterThan(20);
            assertThat(told).containsAll(asked);
        }
    }

    @Test
    void anApplicationOfTheServiceAndTheServiceCountTheSameBlocks() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (FineMem memory =
                FineMem.builder().config(config()).meterRegistry(registry).connect()) {
            allocateSome(memory);
            assertThat(registry.getMeters()).isNotEmpty();
            FunctionCounter counter =
                    registry.get("finemem.allocations").tag("size.class", "all").functionCounter();
            await().until(() -> counter.count() == BLOCKS); // read at most once per second
            assertThat(metrics()).contains("finemem_allocations_total{size_class=\"4KiB\"} " + (double) BLOCKS);
        }
        assertThat(registry.getMeters()).as("after close").isEmpty();
    }

    @Test
    void aMemoryNodeThatDrainsIsLiveAndNotReady() throws Exception {
        InetSocketAddress http = node.httpAddress().orElseThrow();
        assertThat(get(http, "/health/ready").statusCode()).isEqualTo(200);
        finemem("drain", "127.0.0.1:" + node.address().getPort(), "-c", file.toString());
        assertThat(get(http, "/health/ready").statusCode()).isEqualTo(503);
        assertThat(get(http, "/health/ready").body()).isEqualTo("draining\n");
        assertThat(get(http, "/health/live").statusCode()).isEqualTo(200);
        assertThat(get(http, "/metrics/more").statusCode()).isEqualTo(404);
    }

    @Test
    void aPortInUseIsToldInOneLineAndLeavesNothingOpen() {
        int port = node.httpAddress().orElseThrow().getPort();
        Transports transports = Transports.discover();
        FineMemConfig config = FineMemConfig.of(
                ConfigFactory.parseString("finemem.http.port = " + port).withFallback(config()),
                transports.providers());
        assertThatThrownBy(() -> MemoryNodeDaemon.open(config.memoryNode(), config.http(), transports)
                        .close())
                .isInstanceOf(OutOfLocalResources.class)
                .hasMessageStartingWith("the HTTP endpoint cannot listen on 127.0.0.1:" + port + ": ")
                .hasMessageContaining("set finemem.http.port to a free one, or to off")
                .hasMessageNotContaining("\n");
    }

    @Test
    void topPrintsTheNodeItsOwnersAndTheServiceOnce() {
        String view = finemem(
                "top",
                "--once",
                "-d",
                "0.1",
                text(node.httpAddress().orElseThrow()),
                text(service.httpAddress().orElseThrow()));
        assertThat(view).contains("MEMORY NODE", "mn0", "serving", "ALLOCATES", "OWNER");
        assertThat(finemem("top", "--once", "nowhere")).contains("the address nowhere is not valid");
    }

    private static String text(InetSocketAddress address) {
        return "127.0.0.1:" + address.getPort();
    }

    @Test
    void inspectPrintsTheKeysThatAreDocumented() throws Exception {
        String json = finemem("inspect", "--json", "127.0.0.1:" + node.address().getPort(), "-c", file.toString());
        List<String> keys = new ArrayList<>();
        JsonNode report = new ObjectMapper().readTree(json);
        report.fieldNames().forEachRemaining(keys::add);
        report.get("owners").get(0).fieldNames().forEachRemaining(keys::add);
        String page = Files.readString(root().resolve("docs/observability.md"));
        String section = page.substring(page.indexOf("## finemem inspect"));
        assertThat(keys).hasSize(20).allSatisfy(key -> assertThat(section).contains("`" + key + "`"));
    }

    @Test
    void theTableOfMetersIsThatOfTheCode() throws Exception {
        String page = Files.readString(root().resolve("docs/observability.md"));
        List<String> rows =
                page.lines().filter(line -> line.startsWith("| `finemem.")).toList();
        assertThat(rows)
                .containsExactlyElementsOf(Stream.of(MeterName.values())
                        .map(DaemonMetricsTest::row)
                        .toList());
    }

    private static String row(MeterName meter) {
        return "| `" + meter.meter() + "` | " + meter.kind().name().toLowerCase(java.util.Locale.ROOT) + " | "
                + (meter.unit().isEmpty() ? "-" : meter.unit()) + " | "
                + (meter.tags().isEmpty() ? "-" : String.join(", ", meter.tags())) + " | " + meter.description() + " |";
    }

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("ARCHITECTURE.md"))) {
            root = root.getParent();
        }
        return root;
    }
}
