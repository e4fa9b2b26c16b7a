package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static long files(Path fabric) throws IOException {
        try (Stream<Path> files = Files.list(fabric)) {
            return files.count();
        }
    }
}
