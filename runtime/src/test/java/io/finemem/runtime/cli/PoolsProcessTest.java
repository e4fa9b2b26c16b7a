package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.control.AuditReport;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.control.PresharedSecret;
import io.finemem.spi.coordination.ClusterView;
import io.finemem.spi.coordination.MemoryNodeState;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process with two memory nodes, which an application finds in Redis. */
@Timeout(180)
class PoolsProcessTest {
    private static final int SIGTERM_EXIT_CODE = 143;

    @TempDir
    private Path directory = Path.of(".");

    @Test
    void bothAreListedDrainedByNameAndWithdrawnAtTheEnd() throws Exception {
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        Path fabric = Files.createDirectory(directory.resolve("fabric"));
        try (RedisProcess redis = RedisProcess.start(directory)) {
            String text =
                    "finemem { secret-file = \"" + secret + "\", transport { name = shm, shm.directory = \"" + fabric
                            + "\" }\n coordination { provider = redis, redis { addresses = \"" + redis.address()
                            + "\", insecure = true, heartbeat = 100ms, lease = 2s } }\n"
                            + " memory-node { pool = 8MiB, listen.port = 0, pools = [ { name = mn0 }, { name = mn1 } ] } }";
            Path file = Files.writeString(directory.resolve("node.conf"), text);
            try (JavaProcess node =
                            JavaProcess.start(directory, FineMemCommand.class, "memory-node", "-c", file.toString());
                    FineMem memory = connect(node, text)) {
                assertThat(memory.audit()).hasSize(2).allMatch(AuditReport::clean);
                try (RemoteBlock one = memory.allocate(4096);
                        RemoteBlock other = memory.allocate(4096)) {
                    assertThat(one.length() + other.length()).isEqualTo(8192);
                    assertThat(memory.audit()).allMatch(report -> report.usedChunks() == 1);
                }
                assertThat(drain("-c", file.toString(), "mn0")).startsWith("draining name=mn0 ");
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                    ClusterView view = memory.coordination().view();
                    assertThat(view.memoryNodes().get("mn0").state()).isEqualTo(MemoryNodeState.DRAINING);
                    assertThat(view.memoryNodes().get("mn1").state()).isEqualTo(MemoryNodeState.SERVING);
                });
                node.terminate();
                assertThat(node.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
                assertThat(node.errors()).doesNotContain("Exception", "ERROR");
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> memory.coordination().view().serving().isEmpty());
            }
        }
        try (Stream<Path> files = Files.list(fabric)) {
            assertThat(files).as("files of the transports").isEmpty();
        }
    }

    private static FineMem connect(JavaProcess node, String text) throws InterruptedException {
        assertThat(node.line()).startsWith("ready name=mn0 address=127.0.0.1:");
        assertThat(node.line()).startsWith("ready name=mn1 address=127.0.0.1:");
        return FineMem.connect(ConfigFactory.parseString(text));
    }

    private static String drain(String... arguments) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        FineMemCommand.execute(
                writer,
                writer,
                Stream.concat(Stream.of("drain"), Stream.of(arguments)).toArray(String[]::new));
        return out.toString();
    }

    @Test
    void nameAndPortOfOneAreRefusedForSeveral() throws Exception {
        Path file = Files.writeString(
                directory.resolve("node.conf"),
                "finemem { secret-file = /s, transport.name = shm,"
                        + " memory-node.pools = [ { name = a }, { name = b, listen.port = 0 } ] }");
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out, true);
        int exit = FineMemCommand.execute(
                writer, writer, new String[] {"memory-node", "-c", file.toString(), "--name", "other"});
        assertThat(exit).isEqualTo(2);
        assertThat(out.toString())
                .contains("--name and --port are for one memory node, and finemem.memory-node.pools has 2");
    }
}
