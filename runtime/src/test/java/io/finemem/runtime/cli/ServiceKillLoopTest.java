package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.finemem.runtime.control.ControlClient;
import io.finemem.runtime.control.ControlTimeouts;
import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A memory node, two allocation services and six applications of them under load, each a process: an application is killed every few
 * seconds and a service now and then, others take their places. {@code -Dfinemem.kill-loop.seconds=600} for longer.
 */
@Tag("slow")
class ServiceKillLoopTest {
    private static final int SERVICES = 2;
    private static final int APPLICATIONS = 6;
    private static final long SECONDS = Long.getLong("finemem.kill-loop.seconds", 60);
    private static final long KILL_EVERY = 5;
    /** A service's turn, in kills. */
    private static final int SERVICE_EVERY = (int) Math.min(12, SECONDS / KILL_EVERY / 2);

    private static final Pattern ADDRESS = Pattern.compile("ready name=mn0 address=127\\.0\\.0\\.1:(\\d+) .*");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory = Path.of(".");

    private final JavaProcess[] services = new JavaProcess[SERVICES];
    private final JavaProcess[] applications = new JavaProcess[APPLICATIONS];
    private final List<JavaProcess> all = new ArrayList<>();
    private final Random random = new Random(System.nanoTime());
    private String node = "";

    private JavaProcess start(Class<?> main, String... arguments) throws IOException {
        JavaProcess process = JavaProcess.start(directory, main, arguments);
        all.add(process);
        return process;
    }

    private Path socket(int service) {
        return directory.resolve("run/service" + service);
    }

    private void startService(int service) throws Exception {
        Path file = directory.resolve("node.conf");
        services[service] = start(
                FineMemCommand.class,
                "compute-node",
                "-c",
                file.toString(),
                "--socket",
                socket(service).toString());
        assertThat(services[service].line()).startsWith("ready socket=");
    }

    private void startApplication(int application) throws Exception {
        String config = "finemem { transport { name = shm, shm.directory = \"" + directory.resolve("fabric") + "\" }\n"
                + " service.socket = \"" + socket(application % SERVICES) + "\"\n"
                + " client { through = service, name = app" + application + " } }";
        applications[application] = start(LoadedApplication.class, config, Long.toString(random.nextLong()));
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void killedApplicationsAndServicesLeaveNothingAndDisturbNoByte() throws Exception {
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        String common = "finemem { secret-file = \"" + secret + "\"\n transport { name = shm, shm.directory = \""
                + Files.createDirectory(directory.resolve("fabric")) + "\" }\n";
        Path file = directory.resolve("node.conf");
        Files.writeString(file, common + " memory-node { pool = 64MiB, listen.port = 0 } }");
        try {
            JavaProcess memoryNode = start(FineMemCommand.class, "memory-node", "-c", file.toString());
            Matcher ready = ADDRESS.matcher(memoryNode.line());
            assertThat(ready.matches()).isTrue();
            node = ready.group(1);
            Files.writeString(
                    file, common + " client.memory-nodes = [ { name = mn0, address = \"127.0.0.1:" + node + "\" } ] }");
            disturb();
            try (ControlClient control = ControlClient.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(node)),
                    PresharedSecret.load(secret),
                    "test",
                    new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1)))) {
                await().atMost(LIMIT).until(() -> control.audit().usedChunks() == 0);
                assertThat(control.audit().violations()).isEmpty();
                for (JavaProcess service : services) {
                    service.terminate();
                    service.exitCode();
                }
                await().atMost(LIMIT).until(() -> control.audit().owners() == 0);
                assertThat(control.audit().usedChunks()).isZero();
                assertThat(control.audit().violations()).isEmpty();
            }
        } finally {
            all.forEach(JavaProcess::close);
        }
    }

    private void disturb() throws Exception {
        for (int i = 0; i < SERVICES; i++) {
            startService(i);
        }
        for (int i = 0; i < APPLICATIONS; i++) {
            startApplication(i);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        int kills = 0;
        int restarts = 0;
        for (; System.nanoTime() < end; kills++) {
            TimeUnit.SECONDS.sleep(KILL_EVERY); // the load, not a condition
            int victim = random.nextInt(APPLICATIONS);
            applications[victim].kill();
            applications[victim].exitCode();
            assertThat(applications[victim].output()).noneMatch(line -> line.startsWith("WRONG"));
            startApplication(victim);
            if (kills % SERVICE_EVERY == SERVICE_EVERY - 1) {
                int service = restarts++ % SERVICES;
                services[service].kill();
                services[service].exitCode();
                startService(service);
            }
        }
        finish(kills, restarts);
    }

    /** All that are left free what they hold, and have worked, and found no wrong byte. */
    private void finish(int kills, int restarts) throws Exception {
        long operations = 0;
        long sessions = 0;
        for (JavaProcess application : applications) {
            assertThat(application.line()).isEqualTo("open");
            application.endInput();
        }
        for (JavaProcess application : applications) {
            assertThat(application.exitCode()).as(application.errors()).isZero();
            List<String> said = application.output();
            assertThat(said).noneMatch(line -> line.startsWith("WRONG"));
            String[] done = said.get(said.size() - 1).split(" ");
            assertThat(done[0]).isEqualTo("done");
            operations += Long.parseLong(done[1]);
            sessions += Long.parseLong(done[2]);
        }
        assertThat(operations).isPositive();
        assertThat(restarts).isPositive();
        System.out.printf(
                "%d applications and %d services killed; the last applications did %,d operations in %d sessions%n",
                kills, restarts, operations, sessions);
    }
}
