package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.api.FineMemException;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own. */
@Timeout(180)
class MemoryNodeProcessTest {
    private static final Pattern READY =
            Pattern.compile("ready name=mn0 address=127\\.0\\.0\\.1:(\\d+) transport=shm device=\\S+");
    private static final int SIGTERM_EXIT_CODE = 143;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration LONGER_THAN_LEASE = Duration.ofMillis(2500);
    private static final ControlTimeouts TIMEOUTS = new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1));

    @TempDir
    private Path directory = Path.of(".");

    private Path fabric = Path.of(".");
    private Path secret = Path.of(".");

    @BeforeEach
    void makeDirectories() throws IOException {
        fabric = Files.createDirectory(directory.resolve("fabric"));
        secret = directory.resolve("secret");
        PresharedSecret.create(secret);
    }

    private JavaProcess start(String... more) throws IOException {
        String[] always = {
            "memory-node",
            "--transport",
            "shm",
            "--set",
            "finemem.transport.shm.directory=" + fabric,
            "--secret-file",
            secret.toString()
        };
        String[] pool = List.of(more).contains("--pool") ? new String[0] : new String[] {"--pool", "8MiB"};
        return JavaProcess.start(
                directory,
                FineMemCommand.class,
                Stream.of(always, pool, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private static int port(String readyLine) {
        Matcher matcher = READY.matcher(readyLine);
        assertThat(matcher.matches()).as(readyLine).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private String clientConfig(int port) {
        return "finemem { transport { name = shm, shm.directory = \"" + fabric + "\" }, secret-file = \"" + secret
                + "\", client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + port + "\" } ] }";
    }

    private ControlClient control(int port) {
        return ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(secret),
                "test",
                TIMEOUTS);
    }

    private void requireNoFile() throws IOException {
        try (Stream<Path> files = Files.list(fabric)) {
            assertThat(files).as("files of the transport").isEmpty();
        }
    }

    @Test
    void servesUntilItIsTerminatedAndLeavesNothingBehind() throws Exception {
        try (JavaProcess node = start("--port", "0")) {
            Config config = ConfigFactory.parseString(clientConfig(port(node.line())));
            try (FineMem memory = FineMem.connect(config);
                    RemoteBlock block = memory.allocate(64 * 1024)) {
                assertThat(block.length()).isEqualTo(64 * 1024);
            }
            node.terminate();
            assertThat(node.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
            assertThat(node.errors()).doesNotContain("Exception", "ERROR");
        }
        requireNoFile();
    }

    @Test
    void terminatedWithAClientItEndsTheClientsSessionInOrder() throws Exception {
        try (JavaProcess node = start("--port", "0")) {
            Config config = ConfigFactory.parseString(clientConfig(port(node.line())));
            try (FineMem memory = FineMem.connect(config)) {
                RemoteBlock block = memory.allocate(4096);
                node.terminate();
                assertThat(node.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
                assertThatThrownBy(() -> {
                            block.close(); // waits for nothing, so that the loss is noticed by the next allocation
                            memory.allocate(4096);
                        })
                        .isInstanceOf(FineMemException.class);
            } catch (FineMemException e) {
                assertThat(e.code().category())
                        .as("closing after the memory node is gone")
                        .isNotNull();
            }
        }
        requireNoFile();
    }

    @Test
    void aNodeThatWasStoppedForLongerThanItsLeaseTakesNobodyForDeadThatLives() throws Exception {
        try (JavaProcess node = start("--port", "0", "--set", "finemem.memory-node.lease=2s")) {
            Config config =
                    ConfigFactory.parseString("finemem.client.heartbeat = 200ms, " + clientConfig(port(node.line())));
            try (FineMem memory = FineMem.connect(config);
                    RemoteBlock block = memory.allocate(4096)) {
                for (int round = 1; round <= 2; round++) { // heartbeats that wait race with the look at leases
                    node.signal("STOP");
                    Thread.sleep(LONGER_THAN_LEASE.toMillis()); // the time is what is tested
                    node.signal("CONT");
                    int times = round;
                    await().atMost(LIMIT).until(() -> node.errors().split("did not run for", -1).length > times);
                    memory.free(memory.allocate(4096));
                }
                block.write(0, ByteBuffer.allocateDirect(Long.BYTES));
            }
            assertThat(node.errors()).doesNotContain("taken for dead");
            node.terminate();
            assertThat(node.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
        }
        requireNoFile();
    }

    @Test
    void aClientThatIsKilledIsFencedAndItsMemoryIsReclaimed() throws Exception {
        try (JavaProcess node = start("--port", "0")) {
            int port = port(node.line());
            try (ControlClient control = control(port);
                    JavaProcess client = JavaProcess.start(directory, HoldingClient.class, clientConfig(port))) {
                assertThat(client.line()).isEqualTo("holding 20480");
                assertThat(control.audit().usedChunks()).isEqualTo(5);
                assertThat(control.audit().owners()).isEqualTo(1);
                client.kill();
                await().atMost(LIMIT).until(() -> control.audit().owners() == 0);
                assertThat(control.audit().usedChunks()).isZero();
                assertThat(control.audit().clean()).isTrue();
                assertThat(node.errors()).contains("is recovered");
            }
            node.terminate();
            assertThat(node.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
        }
    }

    @Test
    void inspectShowsTheUseOfALivePool() throws Exception {
        try (JavaProcess node = start("--port", "0")) {
            int port = port(node.line());
            try (JavaProcess client = JavaProcess.start(directory, HoldingClient.class, clientConfig(port))) {
                assertThat(client.line()).isEqualTo("holding 20480");
                JsonNode json = new ObjectMapper().readTree(inspect(port, "--json"));
                assertThat(json.path("usedBytes").asLong()).isEqualTo(20480);
                assertThat(json.path("owners")).hasSize(1);
                assertThat(json.path("owners").path(0).path("coveredChunks").asLong())
                        .isEqualTo(5);
                assertThat(json.path("violations")).isEmpty();
                assertThat(json.path("largestFreeBytes").asLong()).isPositive();
                assertThat(inspect(port).lines().map(String::strip))
                        .anyMatch(line -> line.matches("heap +8 MiB in 4 sections, 0\\.0 MiB in use \\(0\\.2 %\\)"))
                        .anyMatch(line -> line.matches("metadata +0\\.\\d\\d MiB, \\d\\.\\d\\d % of the heap"))
                        .anyMatch(line -> line.matches("spans +63 empty, 1 open \\(0 contended\\), 0 taken whole"))
                        .anyMatch(
                                line -> line.matches("free +largest block [246]\\.00 MiB, fragmentation \\d+\\.\\d %"))
                        .anyMatch(line -> line.matches("owners +1"))
                        .anyMatch(line -> line.matches("audit +5 chunks in use, 5 of them in a journal, 0 violations"));
            }
        }
    }

    @Test
    void inspectSaysThatMetadataIsAtMostHalfAPercentOfAPoolOfHalfAGibibyte() throws Exception {
        try (JavaProcess node = start("--port", "0", "--pool", "512MiB")) {
            JsonNode json = new ObjectMapper().readTree(inspect(port(node.line()), "--json"));
            assertThat(json.path("heapBytes").asLong()).isEqualTo(512L << 20);
            assertThat(json.path("metadataBytes").asDouble()).isLessThanOrEqualTo(0.005 * (512L << 20));
        }
    }

    private String inspect(int port, String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] always = {"inspect", "127.0.0.1:" + port, "--secret-file", secret.toString()};
        int code = FineMemCommand.execute(
                new PrintWriter(out),
                new PrintWriter(err),
                Stream.concat(Stream.of(always), Stream.of(more)).toArray(String[]::new));
        assertThat(code).as(err.toString()).isZero();
        return out.toString();
    }

    @Test
    void aClientThatEndsInOrderLeavesNothing() throws Exception {
        try (JavaProcess node = start("--port", "0")) {
            int port = port(node.line());
            try (ControlClient control = control(port);
                    JavaProcess client = JavaProcess.start(directory, HoldingClient.class, clientConfig(port))) {
                assertThat(client.line()).isEqualTo("holding 20480");
                client.endInput();
                assertThat(client.exitCode()).isZero();
                assertThat(control.audit().usedChunks()).isZero();
                assertThat(control.audit().owners()).isZero();
                assertThat(control.audit().clean()).isTrue();
            }
        }
    }

    @Test
    void aPortInUseIsOneLineAndExitCodeOne() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                JavaProcess node = start("--port", Integer.toString(taken.getLocalPort()))) {
            assertThat(node.exitCode()).isEqualTo(FineMemCommand.FAILURE);
            assertThat(node.errors().lines().filter(line -> line.startsWith("finemem memory-node: ")))
                    .singleElement()
                    .asString()
                    .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort(), "already in use", "--port");
            assertThat(node.errors()).doesNotContain("\tat ");
        }
        requireNoFile();
    }

    @Test
    void aSecretThatOthersMayReadIsOneLineAndExitCodeTwo() throws Exception {
        Files.setPosixFilePermissions(secret, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        try (JavaProcess node = start("--port", "0")) {
            assertThat(node.exitCode()).isEqualTo(FineMemCommand.USAGE);
            assertThat(node.errors().lines()).hasSize(1);
            assertThat(node.errors()).contains("chmod 600 " + secret);
        }
        requireNoFile();
    }
}
