package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.inject.Guice;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.finemem.allocator.OperationCosts;
import io.finemem.api.InvalidRequest;
import io.finemem.api.QuotaExceeded;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ServiceLost;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.FineMemModule;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory node, allocation service and application, each a process of its own. */
@Timeout(180)
class ComputeNodeProcessTest {
    private static final Pattern ADDRESS = Pattern.compile("ready name=mn0 address=127\\.0\\.0\\.1:(\\d+) .*");
    private static final int SIGTERM_EXIT_CODE = 143;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of(".");

    private Path file = Path.of(".");
    private Path socket = Path.of(".");
    private JavaProcess memoryNode;
    private int port;
    private ControlClient control;

    @BeforeEach
    void startMemoryNode() throws Exception {
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        socket = directory.resolve("run/service");
        file = directory.resolve("node.conf");
        String common = "finemem { secret-file = \"" + secret + "\"\n transport { name = shm, shm.directory = \""
                + Files.createDirectory(directory.resolve("fabric")) + "\" }\n"
                + " memory-node { pool = 8MiB, listen.port = 0 }\n service.socket = \"" + socket + "\"\n"
                + " service.quotas-by-name = [ { name = small, blocks = 3 } ]\n";
        Files.writeString(file, common + "}");
        memoryNode = JavaProcess.start(directory, FineMemCommand.class, "memory-node", "-c", file.toString());
        Matcher ready = ADDRESS.matcher(memoryNode.line());
        assertThat(ready.matches()).isTrue();
        port = Integer.parseInt(ready.group(1));
        Files.writeString(
                file, common + " client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + port + "\" } ] }");
        control = ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(secret),
                "test",
                new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1)));
    }

    @AfterEach
    void stopMemoryNode() {
        control.close();
        memoryNode.close();
    }

    private JavaProcess service(String... more) throws IOException {
        String[] arguments = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("compute-node", "-c", file.toString()),
                        java.util.stream.Stream.of(more))
                .toArray(String[]::new);
        return JavaProcess.start(directory, FineMemCommand.class, arguments);
    }

    /** An application's configuration, which has neither secret nor memory nodes. */
    private String application(String name) {
        return "finemem { transport { name = shm, shm.directory = \"" + directory.resolve("fabric") + "\" }\n"
                + " service.socket = \"" + socket + "\"\n client { through = service, name = " + name + " } }";
    }

    private void awaitUsedChunks(long count) {
        await().atMost(LIMIT).until(() -> control.audit().usedChunks() == count);
        assertThat(control.audit().violations()).isEmpty();
    }

    @Test
    void applicationsAllocateThroughTheServiceAndItsEndLeavesNothing() throws Exception {
        try (JavaProcess service = service("--set", "finemem.service.run-ahead=0")) {
            assertThat(service.line())
                    .startsWith("ready socket=" + socket + " memory-nodes=mn0 transport=shm device=/");
            Config config = ConfigFactory.parseString(application("app"));
            try (FineMem memory = FineMem.connect(config)) {
                List<RemoteBlock> blocks = memory.allocateAll(4096, 100);
                assertThat(control.audit().usedChunks()).isEqualTo(100);
                blocks.get(7).write(0, ByteBuffer.allocate(8).putLong(0, 7));
                assertThat(blocks.get(7).fetchAdd(0, 0)).isNotZero();
                assertThat(memory.describe()).contains("through the allocation service", "mn0");
                assertThat(memory.allocationCosts()).isEqualTo(OperationCosts.NONE);
                assertThat(memory.transport().transport()).isEqualTo("shm");
                assertThatThrownBy(memory::audit).isInstanceOf(InvalidRequest.class);
                memory.freeAll(blocks);
            }
            try (FineMem memory =
                    Guice.createInjector(FineMemModule.connect(config)).getInstance(FineMem.class)) {
                RemoteMemory same = memory;
                same.allocate(1 << 20);
            }
            service.terminate();
            assertThat(service.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
            assertThat(service.errors()).doesNotContain("Exception", "ERROR");
        }
        assertThat(socket).doesNotExist();
        awaitUsedChunks(0);
        assertThat(control.audit().owners()).isZero();
    }

    @Test
    void whatAKilledApplicationHeldIsFreed() throws Exception {
        try (JavaProcess service = service("--set", "finemem.service.run-ahead=0")) {
            service.line();
            try (JavaProcess client = JavaProcess.start(directory, HoldingClient.class, application("doomed"))) {
                assertThat(client.line()).isEqualTo("holding 20480");
                assertThat(control.audit().usedChunks()).isEqualTo(5);
                client.kill();
                awaitUsedChunks(0);
            }
            try (FineMem memory = FineMem.connect(ConfigFactory.parseString(application("small")))) {
                memory.allocateAll(4096, 3);
                assertThatThrownBy(() -> memory.allocate(4096)).isInstanceOf(QuotaExceeded.class);
            }
        }
    }

    @Test
    void aKilledServiceEndsItsApplicationsAndAnotherTakesItsPlace() throws Exception {
        try (JavaProcess service = service("--set", "finemem.service.state-directory=none")) {
            service.line();
            try (FineMem memory = FineMem.connect(ConfigFactory.parseString(application("app")))) {
                RemoteBlock block = memory.allocate(4096);
                service.kill();
                assertThatThrownBy(() -> {
                            while (true) {
                                memory.free(memory.allocate(4096));
                            }
                        })
                        .isInstanceOf(ServiceLost.class);
                assertThatThrownBy(block::close).isInstanceOf(ServiceLost.class);
            }
        }
        awaitUsedChunks(0);
        try (JavaProcess next = service("--set", "finemem.service.state-directory=none");
                FineMem memory = openAfter(next)) {
            memory.allocate(4096).close();
            try (JavaProcess second = service("--set", "finemem.service.state-directory=none")) {
                assertThat(second.exitCode()).isEqualTo(FineMemCommand.USAGE);
                assertThat(second.errors().lines())
                        .contains("finemem compute-node: another allocation service uses the socket " + socket);
            }
        }
    }

    @Test
    void aServiceWaitsForItsFirstMemoryNode() throws Exception {
        endMemoryNode();
        try (JavaProcess service = service()) {
            awaitWaiting(service);
            memoryNode = JavaProcess.start(
                    directory,
                    FineMemCommand.class,
                    "memory-node",
                    "-c",
                    file.toString(),
                    "--set",
                    "finemem.memory-node.listen.port=" + port);
            assertThat(service.line()).startsWith("ready socket=" + socket + " memory-nodes=mn0 ");
            assertThat(service.errors()).containsOnlyOnce("memory node mn0 is left out until it answers");
            try (FineMem memory = FineMem.connect(ConfigFactory.parseString(application("app")))) {
                memory.allocate(4096).close();
            }
        }
    }

    @Test
    void aServiceThatWaitsEndsWhenItIsToldToAndWhenItsTimeIsOver() throws Exception {
        endMemoryNode();
        try (JavaProcess waiting = service("--set", "finemem.service.start-timeout=1h");
                JavaProcess hurried = service("--set", "finemem.service.start-timeout=0")) {
            awaitWaiting(waiting);
            waiting.terminate();
            assertThat(waiting.exitCode()).isEqualTo(SIGTERM_EXIT_CODE);
            assertThat(hurried.exitCode()).isEqualTo(FineMemCommand.FAILURE);
            assertThat(hurried.errors())
                    .contains("finemem compute-node: the memory node at 127.0.0.1:" + port + " does not answer: ");
        }
        assertThat(socket).doesNotExist();
    }

    private void endMemoryNode() throws InterruptedException {
        memoryNode.terminate();
        memoryNode.exitCode();
    }

    private static void awaitWaiting(JavaProcess service) {
        await().atMost(LIMIT)
                .until(() -> service.errors().contains("waiting for one")
                        && service.errors().contains("finemem.service.start-timeout"));
    }

    private FineMem openAfter(JavaProcess service) throws InterruptedException {
        service.line();
        return FineMem.connect(ConfigFactory.parseString(application("app")));
    }
}
