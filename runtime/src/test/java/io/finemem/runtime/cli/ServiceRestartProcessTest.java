package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.FineMem;
import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code finemem compute-node} in a process that is killed or stopped, and started again, while applications work. */
@Timeout(180)
class ServiceRestartProcessTest {
    private static final Pattern ADDRESS = Pattern.compile("ready name=mn0 address=127\\.0\\.0\\.1:(\\d+) .*");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int KILLS = Integer.getInteger("finemem.restart.kills", 2);

    @TempDir
    Path directory;

    private final List<JavaProcess> processes = new ArrayList<>();
    private Path file;
    private ControlClient control;

    @BeforeEach
    void startMemoryNode() throws Exception {
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        file = directory.resolve("node.conf");
        String common = "finemem { secret-file = \"" + secret + "\"\n transport { name = shm, shm.directory = \""
                + Files.createDirectory(directory.resolve("fabric")) + "\" }\n service.socket = \"" + socket()
                + "\"\n service.reattach-grace = 2s\n";
        Files.writeString(file, common + " memory-node { pool = 64MiB, listen.port = 0 } }");
        JavaProcess memoryNode = start(FineMemCommand.class, "memory-node", "-c", file.toString());
        Matcher ready = ADDRESS.matcher(memoryNode.line());
        assertThat(ready.matches()).isTrue();
        int port = Integer.parseInt(ready.group(1));
        Files.writeString(
                file, common + " client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + port + "\" } ] }");
        control = ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(secret),
                "test",
                new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1)));
    }

    @AfterEach
    void stopAll() {
        control.close();
        processes.forEach(JavaProcess::close);
    }

    private Path socket() {
        return directory.resolve("run/service");
    }

    private JavaProcess start(Class<?> main, String... arguments) throws Exception {
        JavaProcess process = JavaProcess.start(directory, main, arguments);
        processes.add(process);
        return process;
    }

    private JavaProcess service(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("compute-node", "-c", file.toString()));
        arguments.addAll(List.of(more));
        JavaProcess service = start(FineMemCommand.class, arguments.toArray(String[]::new));
        assertThat(service.line()).startsWith("ready socket=");
        return service;
    }

    private String application(String name) {
        return "finemem { transport { name = shm, shm.directory = \"" + directory.resolve("fabric") + "\" }\n"
                + " service.socket = \"" + socket() + "\"\n client { through = service, name = " + name + " } }";
    }

    private void awaitUsedChunks(long count) {
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(control.audit().usedChunks()).isEqualTo(count);
            assertThat(control.audit().violations()).isEmpty();
        });
    }

    @Test
    void applicationsWorkOnInOneSessionWhileTheirServiceIsKilledAgainAndAgain() throws Exception {
        JavaProcess service = service();
        List<JavaProcess> applications = new ArrayList<>();
        Random seeds = new Random(20_261_122);
        for (int i = 0; i < 3; i++) {
            applications.add(start(LoadedApplication.class, application("app" + i), Long.toString(seeds.nextLong())));
        }
        for (JavaProcess application : applications) {
            assertThat(application.line()).isEqualTo("open");
        }
        for (int i = 0; i < KILLS; i++) {
            TimeUnit.MILLISECONDS.sleep(500); // the load, not a condition
            service.kill();
            service.exitCode();
            service = service();
        }
        for (JavaProcess application : applications) {
            application.endInput();
        }
        for (JavaProcess application : applications) {
            assertThat(application.exitCode()).as(application.errors()).isZero();
            List<String> said = application.output();
            assertThat(said).noneMatch(line -> line.startsWith("WRONG"));
            String[] done = said.get(said.size() - 1).split(" ");
            assertThat(Long.parseLong(done[1])).as("operations").isPositive();
            assertThat(done[2]).as("sessions").isEqualTo("1");
        }
        service.terminate();
        service.exitCode();
        await().atMost(LIMIT).until(() -> control.audit().owners() == 0);
        awaitUsedChunks(0);
    }

    @Test
    void tenThousandBlocksOutliveTheirService() throws Exception {
        JavaProcess service = service();
        try (FineMem memory = FineMem.connect(ConfigFactory.parseString(application("many")))) {
            List<RemoteBlock> blocks = memory.allocateAll(4096, 10_000);
            for (int i = 0; i < blocks.size(); i++) {
                blocks.get(i).write(8, ByteBuffer.allocate(8).putLong(0, i));
            }
            service.kill();
            service.exitCode();
            long begin = System.nanoTime();
            JavaProcess next = service();
            long ready = System.nanoTime();
            RemoteBlock more = memory.allocate(4096);
            long answered = System.nanoTime();
            System.out.printf(
                    "restart with %,d blocks: ready after %d ms, first call answered after %d ms; %s%n",
                    blocks.size(),
                    TimeUnit.NANOSECONDS.toMillis(ready - begin),
                    TimeUnit.NANOSECONDS.toMillis(answered - begin),
                    next.errors()
                            .lines()
                            .filter(line -> line.contains("resumed"))
                            .toList());
            ByteBuffer found = ByteBuffer.allocate(8);
            for (int i = 0; i < blocks.size(); i++) {
                blocks.get(i).read(8, found.clear());
                assertThat(found.getLong(0)).isEqualTo(i);
            }
            memory.free(more);
            memory.freeAll(blocks);
            next.terminate();
            next.exitCode();
            service();
            assertThat(memory.statistics().liveBlocks()).isZero();
        }
    }

    @Test
    void whatAnApplicationHeldThatDiedWhileTheServiceWasAwayIsFreed() throws Exception {
        JavaProcess service = service("--set", "finemem.service.run-ahead=0");
        JavaProcess client = start(HoldingClient.class, application("doomed"));
        assertThat(client.line()).isEqualTo("holding 20480");
        service.kill();
        service.exitCode();
        client.kill();
        client.exitCode();
        service("--set", "finemem.service.run-ahead=0");
        awaitUsedChunks(0);
        assertThat(control.audit().owners()).isOne();
    }

    @Test
    void aServiceThatIsStoppedKeepsItsSessionsOrEndsThem() throws Exception {
        JavaProcess service = service("--set", "finemem.service.run-ahead=0");
        try (FineMem memory = FineMem.connect(ConfigFactory.parseString(application("app")))) {
            RemoteBlock block = memory.allocate(4096);
            block.write(0, ByteBuffer.allocate(8).putLong(0, 77));
            service.terminate();
            service.exitCode();
            JavaProcess next = service("--set", "finemem.service.when-stopped=end-sessions");
            ByteBuffer found = ByteBuffer.allocate(8);
            memory.allocate(4096).close();
            block.read(0, found);
            assertThat(found.getLong(0)).isEqualTo(77);
            next.terminate();
            next.exitCode();
            assertThat(next.errors()).doesNotContain("ERROR", "Exception");
            awaitUsedChunks(0);
            assertThat(control.audit().owners()).isZero();
        }
    }

    @Test
    void theJournalIsForTheServicesUserAlone() throws Exception {
        JavaProcess service = service();
        Path state = Path.of(socket() + ".state");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("sessions"))))
                .isEqualTo("rw-------");
        service.kill();
        service.exitCode();
        Files.write(state.resolve("sessions"), new byte[] {1, 2, 3});
        JavaProcess refused = start(FineMemCommand.class, "compute-node", "-c", file.toString());
        assertThat(refused.exitCode()).isEqualTo(FineMemCommand.USAGE);
        assertThat(refused.errors().lines())
                .contains("finemem compute-node: the session journal " + state.resolve("sessions")
                        + " is damaged: it is cut off; move the file away and start again: its sessions then end, and the"
                        + " memory nodes take back what they held");
    }
}
