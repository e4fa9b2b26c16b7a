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
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C at any moment of a start leaves no memory and no socket behind. */
@Tag("slow")
@Timeout(120)
class InterruptedStartTest {
    private static final int STARTS = 8;
    private static final long LATEST_MILLIS = 900;
    private static final long LATEST_OF_A_SERVICE_MILLIS = 1500;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @Test
    void memoryNodeThatIsInterruptedWhileItStartsLeavesNoMemory() throws Exception {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        Path fabric = Files.createDirectory(directory.resolve("fabric"));
        for (int i = 0; i < STARTS; i++) {
            long millis = LATEST_MILLIS * i / STARTS + random.nextLong(LATEST_MILLIS / STARTS);
            try (JavaProcess node = JavaProcess.start(
                    directory,
                    FineMemCommand.class,
                    "memory-node",
                    "--transport",
                    "shm",
                    "--set",
                    "finemem.transport.shm.directory=" + fabric,
                    "--secret-file",
                    secret.toString(),
                    "--pool",
                    "32MiB",
                    "--port",
                    "0")) {
                TimeUnit.MILLISECONDS.sleep(millis); // the moment is what is tried
                node.interrupt();
                node.exitCode();
                assertThat(files(fabric))
                        .as("seed %d, after %d ms", seed, millis)
                        .isZero();
            }
        }
    }

    /** Neither its files, socket nor place as an owner stay, wherever the start had come to. */
    @Test
    void serviceThatIsInterruptedWhileItStartsLeavesNeitherFilesNorAnOwner() throws Exception {
        long seed = Long.getLong("finemem.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Path secret = directory.resolve("secret");
        PresharedSecret.create(secret);
        Path fabric = Files.createDirectory(directory.resolve("fabric"));
        String common = "finemem { secret-file = \"" + secret + "\", transport { name = shm, shm.directory = \""
                + fabric + "\" }\n memory-node { pool = 8MiB, listen.port = 0, lease = 1s }\n";
        Path file = Files.writeString(directory.resolve("node.conf"), common + "}");
        Path socket = directory.resolve("run/service");
        try (JavaProcess node =
                JavaProcess.start(directory, FineMemCommand.class, "memory-node", "-c", file.toString())) {
            int port = Integer.parseInt(node.line().replaceAll(".* address=127\\.0\\.0\\.1:(\\d+) .*", "$1"));
            Files.writeString(
                    file,
                    common + " service.socket = \"" + socket + "\"\n client.memory-nodes ="
                            + " [ { name = mn0, address = \"127.0.0.1:" + port + "\" } ] }");
            long before = files(fabric);
            for (int i = 0; i < STARTS; i++) {
                long millis =
                        LATEST_OF_A_SERVICE_MILLIS * i / STARTS + random.nextLong(LATEST_OF_A_SERVICE_MILLIS / STARTS);
                String when = "seed " + seed + ", after " + millis + " ms";
                try (JavaProcess service =
                        JavaProcess.start(directory, FineMemCommand.class, "compute-node", "-c", file.toString())) {
                    TimeUnit.MILLISECONDS.sleep(millis); // the moment is what is tried
                    service.interrupt();
                    service.exitCode();
                    assertThat(service.errors()).as(when).doesNotContain("\tat ");
                }
                assertThat(socket).as(when).doesNotExist();
                assertThat(files(fabric)).as(when).isEqualTo(before);
            }
            assertNoOwner(port, secret);
        }
    }

    private static void assertNoOwner(int port, Path secret) {
        ControlTimeouts timeouts = new ControlTimeouts(LIMIT, LIMIT, Duration.ofSeconds(1));
        try (ControlClient control = ControlClient.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                PresharedSecret.load(secret),
                "test",
                timeouts)) {
            await().atMost(LIMIT).until(() -> control.audit().owners() == 0);
            assertThat(control.audit().clean()).isTrue();
            assertThat(control.audit().usedChunks()).isZero();
        }
    }

    private static long files(Path fabric) throws IOException {
        try (Stream<Path> files = Files.list(fabric)) {
            return files.count();
        }
    }
}
