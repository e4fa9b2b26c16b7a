package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.control.NodeStatus;
import io.finemem.api.FineMemException;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory nodes as processes of their own, which come, die, come back and are drained while a client works. */
@Timeout(120)
class DrainProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of(".");

    private Path fabric = Path.of(".");
    private Path secret = Path.of(".");
    private int[] ports = {};

    @BeforeEach
    void prepare() throws IOException {
        fabric = Files.createDirectory(directory.resolve("fabric"));
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ports = new int[] {first.getLocalPort(), second.getLocalPort()};
        }
    }

    private JavaProcess start(int node) throws IOException, InterruptedException {
        JavaProcess process = JavaProcess.start(
                directory,
                FineMemCommand.class,
                "memory-node",
                "--transport",
                "shm",
                "--set",
                "finemem.transport.shm.directory=" + fabric,
                "--secret-file",
                secret.toString(),
                "--name",
                "mn" + node,
                "--pool",
                "8MiB",
                "--port",
                String.valueOf(ports[node]));
        assertThat(process.line()).startsWith("ready name=mn" + node);
        return process;
    }

    private Config client() {
        return ConfigFactory.parseString("finemem { transport { name = shm, shm.directory = \"" + fabric
                + "\" }, secret-file = \"" + secret + "\", client { rejoin = 50ms, operation-timeout = 3s,"
                + " memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + ports[0]
                + "\" }, { name = mn1, address = \"127.0.0.1:" + ports[1] + "\" } ] } }");
    }

    private static boolean usable(FineMem memory, String name) {
        return memory.nodes().stream().anyMatch(node -> node.memoryNode().equals(name) && node.usable());
    }

    private static List<RemoteBlock> allocate(FineMem memory) {
        return IntStream.range(0, 6).mapToObj(i -> memory.allocate(4096)).toList();
    }

    private static List<String> nodesOf(List<RemoteBlock> blocks) {
        return blocks.stream()
                .map(block -> block.handle().memoryNode())
                .distinct()
                .sorted()
                .toList();
    }

    private static int run(StringWriter out, StringWriter err, String... arguments) {
        return FineMemCommand.execute(new PrintWriter(out), new PrintWriter(err), arguments);
    }

    private int drain(StringWriter out, StringWriter err, String... arguments) throws IOException {
        Path file = directory.resolve("drain.conf");
        Files.writeString(file, client().root().render());
        return run(
                out,
                err,
                Stream.concat(Stream.of("drain", "-c", file.toString()), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    @Test
    void nodesThatAreLateKilledAndStartedAgainAreUsedWheneverTheyAreThere() throws Exception {
        try (JavaProcess first = start(0);
                FineMem memory = FineMem.connect(client())) {
            assertThat(nodesOf(allocate(memory))).containsExactly("mn0");
            RemoteBlock lost;
            try (JavaProcess late = start(1)) {
                await().atMost(LIMIT).until(() -> usable(memory, "mn1"));
                List<RemoteBlock> blocks = allocate(memory);
                assertThat(nodesOf(blocks)).containsExactly("mn0", "mn1");
                lost = blocks.stream()
                        .filter(block -> block.handle().memoryNode().equals("mn1"))
                        .findFirst()
                        .orElseThrow();
                late.kill();
                assertThat(late.exitCode()).isNotZero();
            }
            allocate(memory); // whether it is noticed already or not
            await().atMost(LIMIT).until(() -> !usable(memory, "mn1"));
            assertThat(nodesOf(allocate(memory))).containsExactly("mn0");
            RemoteBlock dead = lost;
            assertThatThrownBy(() -> dead.read(0, ByteBuffer.allocate(8))).isInstanceOf(FineMemException.class);
            try (JavaProcess again = start(1)) {
                await().atMost(LIMIT).until(() -> usable(memory, "mn1"));
                assertThat(nodesOf(allocate(memory))).containsExactly("mn0", "mn1");
                assertThatThrownBy(() -> dead.read(0, ByteBuffer.allocate(8))).isInstanceOf(FineMemException.class);
                assertThat(memory.audit()).hasSize(2).allMatch(report -> report.clean());
                assertThat(first.errors() + again.errors()).doesNotContain("ERROR");
            }
        }
    }

    /** Holds some blocks at a time, until it is told to stop. */
    private static final class Holder {
        private volatile boolean stop;
        private final CompletableFuture<Void> work;

        Holder(FineMem memory) {
            work = CompletableFuture.runAsync(() -> {
                while (!stop) {
                    List<RemoteBlock> blocks = allocate(memory);
                    blocks.forEach(block -> block.write(0, ByteBuffer.allocate(64)));
                    blocks.forEach(RemoteBlock::close);
                }
            });
        }

        void end() {
            stop = true;
            work.join();
        }
    }

    @Test
    void aNodeIsDrainedAndStoppedUnderLoadAndTheClientGoesOn() throws Exception {
        try (JavaProcess first = start(0);
                JavaProcess second = start(1);
                FineMem memory = FineMem.connect(client())) {
            List<RemoteBlock> held = allocate(memory);
            assertThat(nodesOf(held)).containsExactly("mn0", "mn1");
            Holder load = new Holder(memory);
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            assertThat(drain(out, err, "mn0", "--wait", "--timeout", "0")).isEqualTo(FineMemCommand.FAILURE);
            assertThat(out.toString()).startsWith("draining name=mn0 used=");
            assertThat(err.toString())
                    .contains("is not empty; it goes on draining")
                    .contains("seconds=0");
            assertThat(drain(out, err, "mn0", "--undo")).isZero();
            assertThat(out.toString()).contains("serving name=mn0");

            CompletableFuture<Integer> drained = CompletableFuture.supplyAsync(() -> {
                try {
                    return drain(out, err, "127.0.0.1:" + ports[0], "--then-stop");
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            await().atMost(LIMIT).until(() -> memory.nodes().stream().anyMatch(NodeStatus::draining));
            held.forEach(block -> block.write(0, ByteBuffer.allocate(64)));
            assertThat(drained).as("blocks are there").isNotDone();
            held.forEach(RemoteBlock::close);
            assertThat(drained.get()).as(err.toString()).isZero();
            assertThat(out.toString()).contains("empty name=mn0").endsWith("stopped name=mn0" + System.lineSeparator());
            assertThat(first.exitCode()).isZero();
            load.end();
            assertThat(nodesOf(allocate(memory))).containsExactly("mn1");
            assertThat(first.errors() + second.errors()).doesNotContain("ERROR", "Exception");
        }
    }

    @Test
    void badInputIsOneLineThatNamesTheRemedy() throws Exception {
        StringWriter err = new StringWriter();
        requireRefusal(FineMemCommand.USAGE, err, "there is no memory node named mn7", "there are: mn0, mn1", "mn7");
        requireRefusal(FineMemCommand.USAGE, err, "--undo excludes --wait", "", "mn0", "--undo", "--wait");
        requireRefusal(FineMemCommand.USAGE, err, "--timeout needs --wait", "", "mn0", "--timeout", "3");
        requireRefusal(FineMemCommand.USAGE, err, "must be 0 or more", "", "mn0", "--wait", "--timeout", "-3");
        requireRefusal(FineMemCommand.USAGE, err, "the address :9 is not valid", "host:port", ":9");
        requireRefusal(FineMemCommand.FAILURE, err, "does not answer", "is it running", "mn0");
        requireRefusal(FineMemCommand.FAILURE, err, "does not answer", "is it running", "127.0.0.1:" + ports[0]);
        Path wrong = directory.resolve("wrong");
        PresharedSecret.create(wrong);
        try (JavaProcess node = start(0)) {
            requireRefusal(
                    FineMemCommand.FAILURE,
                    err,
                    "refused the secret",
                    "same secret file",
                    "mn0",
                    "--secret-file",
                    wrong.toString());
            ports[1] = ports[0];
            requireRefusal(FineMemCommand.USAGE, err, "is named mn0, not mn1", "memory-nodes", "mn1");
            assertThat(node.errors()).doesNotContain("asks memory node");
        }
    }

    private void requireRefusal(int code, StringWriter err, String cause, String remedy, String... arguments)
            throws IOException {
        err.getBuffer().setLength(0);
        StringWriter out = new StringWriter();
        assertThat(drain(out, err, arguments)).as(err.toString()).isEqualTo(code);
        assertThat(err.toString().lines()).as(err.toString()).hasSize(1);
        assertThat(err.toString()).startsWith("finemem drain: ").contains(cause).contains(remedy);
        assertThat(out.toString()).isEmpty();
    }
}
