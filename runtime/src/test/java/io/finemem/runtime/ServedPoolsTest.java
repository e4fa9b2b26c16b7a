package io.finemem.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.control.AuditReport;
import io.finemem.api.FineMemException;
import io.finemem.api.MemoryNodeLost;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.cli.FineMemCommand;
import io.finemem.runtime.config.FineMemConfig;
import io.finemem.runtime.config.HttpConfig;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.transport.Transports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two memory nodes in one daemon, and clients that know nothing of that. */
@Timeout(120)
class ServedPoolsTest {
    private static final int BLOCK = 64 << 10;

    @TempDir
    private Path directory = Path.of(".");

    private Path fabric = Path.of(".");

    private Path secret = Path.of(".");

    @BeforeEach
    void prepare() throws IOException {
        fabric = Files.createDirectory(directory.resolve("fabric"));
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
    }

    private Config config(String text) {
        return ConfigFactory.parseString("finemem { secret-file = \"" + secret
                + "\", transport { name = shm, shm.directory = \"" + fabric + "\" }\n" + text + " }");
    }

    private MemoryNodeDaemon start(String pools) {
        Transports transports = Transports.discover();
        FineMemConfig config = FineMemConfig.of(
                config("http.port = 0, memory-node { pool = 8MiB, listen.port = 0, pools = [ " + pools + " ] }"),
                transports.providers());
        return MemoryNodeDaemon.open(config.memoryNodes(), config.http(), transports);
    }

    private MemoryNodeDaemon start() {
        return start("{ name = mn0 }, { name = mn1, pool = 16MiB }");
    }

    private static String port(MemoryNodeDaemon daemon, int pool) {
        return "127.0.0.1:" + daemon.pools().get(pool).address().getPort();
    }

    private String clientText(MemoryNodeDaemon daemon) {
        return "client.memory-nodes = [ { name = mn0, address = \"" + port(daemon, 0)
                + "\" }, { name = mn1, address = \"" + port(daemon, 1) + "\" } ]";
    }

    private FineMem connect(MemoryNodeDaemon daemon) {
        return FineMem.connect(config(clientText(daemon)));
    }

    private static List<RemoteBlock> allocate(FineMem memory, int count) {
        List<RemoteBlock> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RemoteBlock block = memory.allocate(BLOCK);
            block.write(0, ByteBuffer.allocate(Integer.BYTES).putInt(0, i));
            blocks.add(block);
        }
        return blocks;
    }

    private static long usedChunks(MemoryNodeDaemon daemon, int pool) {
        return daemon.pools().get(pool).audit().usedChunks();
    }

    private static String get(MemoryNodeDaemon daemon, String path) throws IOException, InterruptedException {
        InetSocketAddress http = daemon.httpAddress().orElseThrow();
        URI uri = URI.create("http://127.0.0.1:" + http.getPort() + path);
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body().strip();
    }

    private String drain(MemoryNodeDaemon daemon, String... arguments) throws IOException {
        Path file = Files.writeString(
                directory.resolve("tool.conf"),
                "finemem { secret-file = \"" + secret + "\", transport.name = shm, " + clientText(daemon) + " }");
        List<String> all = new ArrayList<>(List.of("drain", "-c", file.toString()));
        all.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        FineMemCommand.execute(writer, writer, all.toArray(new String[0]));
        return out.toString();
    }

    @Test
    void aClientAllocatesOnBothAsOnTwoMemoryNodes() throws Exception {
        try (MemoryNodeDaemon daemon = start()) {
            try (FineMem memory = connect(daemon)) {
                List<RemoteBlock> blocks = allocate(memory, 20);
                assertThat(usedChunks(daemon, 0)).isEqualTo(10 * BLOCK / 4096);
                assertThat(usedChunks(daemon, 1)).isEqualTo(10 * BLOCK / 4096);
                assertThat(memory.audit()).hasSize(2).allMatch(AuditReport::clean);
                for (int i = 0; i < blocks.size(); i++) {
                    ByteBuffer read = ByteBuffer.allocate(Integer.BYTES);
                    blocks.get(i).read(0, read);
                    assertThat(read.getInt(0)).isEqualTo(i);
                }
                assertThat(get(daemon, "/health/ready")).isEqualTo("200 mn0 ready, mn1 ready");
                assertThat(get(daemon, "/metrics"))
                        .contains("finemem_pool_heap_bytes{memory_node=\"mn0\"} 8388608.0")
                        .contains("finemem_pool_heap_bytes{memory_node=\"mn1\"} 1.6777216E7");
            }
            assertThat(daemon.pools()).extracting(ServedPool::name).containsExactly("mn0", "mn1");
        }
        nothingIsLeft();
    }

    @Test
    void oneIsDrainedAndStoppedByNameWhileTheOtherServes() throws Exception {
        try (MemoryNodeDaemon daemon = start();
                FineMem memory = connect(daemon)) {
            List<RemoteBlock> blocks = allocate(memory, 10);
            assertThat(drain(daemon, "mn0")).startsWith("draining name=mn0 ");
            assertThat(get(daemon, "/health/ready")).isEqualTo("200 mn0 draining, mn1 ready");
            blocks.forEach(RemoteBlock::close);
            assertThat(drain(daemon, "mn0", "--then-stop", "--timeout", "60"))
                    .contains("empty name=mn0", "stopped name=mn0");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> get(daemon, "/health/ready").equals("200 mn0 stopped, mn1 ready"));
            assertThat(daemon.stopped().toCompletableFuture()).isNotDone();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(get(daemon, "/metrics"))
                    .startsWith("200 ")
                    .contains("memory_node=\"mn1\"")
                    .doesNotContain("memory_node=\"mn0\""));
            List<RemoteBlock> later = allocate(memory, 10);
            assertThat(usedChunks(daemon, 1)).isEqualTo(10 * BLOCK / 4096);
            later.forEach(RemoteBlock::close);
            assertThat(drain(daemon, "mn1", "--then-stop", "--timeout", "60")).contains("stopped name=mn1");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(daemon.stopped().toCompletableFuture()).isDone());
        }
        nothingIsLeft();
    }

    @Test
    void aPoolThatCannotStartSaysWhichAndNothingOfTheOthersIsLeft() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(
                            () -> start("{ name = mn0 }, { name = mn1, listen.port = " + taken.getLocalPort() + " }"))
                    .isInstanceOf(FineMemException.class)
                    .hasMessageStartingWith("memory node mn1 cannot start: ")
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));
        }
        nothingIsLeft();
    }

    @Test
    void closingTheDaemonEndsAllOfThem() throws Exception {
        FineMem memory;
        try (MemoryNodeDaemon daemon = start()) {
            memory = connect(daemon);
            allocate(memory, 4);
        }
        try (memory) {
            assertThatThrownBy(() -> memory.allocate(BLOCK)).isInstanceOf(MemoryNodeLost.class);
        }
        nothingIsLeft();
    }

    @Test
    void aDaemonOfOneHasTheSameWordsAsEver() throws Exception {
        Transports transports = Transports.discover();
        FineMemConfig config = FineMemConfig.of(
                config("memory-node { name = only, pool = 2MiB, listen.port = 0 }"), transports.providers());
        assertThat(config.http()).isEqualTo(HttpConfig.OFF);
        try (MemoryNodeDaemon daemon = MemoryNodeDaemon.open(config.memoryNodes(), config.http(), transports)) {
            assertThat(daemon.name()).isEqualTo("only");
            assertThat(daemon.httpAddress()).isEmpty();
            assertThat(daemon.audit().clean()).isTrue();
        }
        nothingIsLeft();
    }

    private void nothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(fabric)) {
            assertThat(files).as("files of closed transports").isEmpty();
        }
    }
}
