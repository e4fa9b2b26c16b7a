package io.finemem.runtime.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.finemem.allocator.control.Isolation;
import io.finemem.api.InvalidRequest;
import io.finemem.runtime.trace.ReplayBounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
    private static final ReplayBounds WHOLE = ReplayBounds.none(DemoOptions.SECTION_BYTES);
    private static final ChosenTransport SHM = new ChosenTransport("shm", Map.of(), "as asked for");

    @Test
    void thePoolHoldsBothProcessesAtTheirPeaks() {
        Demo demo = demo(0, Long.MAX_VALUE);
        long peak =
                demo.plans().stream().mapToLong(plan -> plan.peakBytes()).max().orElseThrow();
        assertThat(demo.poolBytes()).isGreaterThan(2 * peak).isLessThan(3 * peak);
        assertThat(demo.poolBytes() % (2 << 20)).isZero();
        assertThat(demo(0, 100).poolBytes()).isLessThan(demo.poolBytes());
    }

    @Test
    void aPoolOfTheWantedSizeIsTaken() {
        assertThat(demo(1 << 30, Long.MAX_VALUE).poolBytes()).isEqualTo(1 << 30);
    }

    @Test
    void aPoolThatTheTracesCannotFitIsRefusedWithTheSizeThatWould() {
        Demo demo = demo(4 << 20, Long.MAX_VALUE);
        assertThatThrownBy(demo::poolBytes)
                .isInstanceOf(InvalidRequest.class)
                .hasMessageMatching("--pool of 4MiB is too small .* at their peaks: give \\d+MiB, .*");
    }

    @Test
    void optionsOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> demo(3 << 20, 100)).hasMessageContaining("multiple of 2MiB");
        assertThatThrownBy(() -> new DemoOptions(
                        "shm", Map.of(), List.of("redis"), 1, 0, Isolation.STRICT, false, false, WHOLE, -1))
                .hasMessageStartingWith("--speed -1.0 is not valid");
        assertThatThrownBy(() -> new DemoOptions(
                        "shm", Map.of(), List.of("redis"), 0, 0, Isolation.STRICT, false, false, WHOLE, 0))
                .hasMessageStartingWith("--rounds 0 is not valid");
        assertThatThrownBy(() ->
                        new DemoOptions("shm", Map.of(), List.of(), 1, 0, Isolation.STRICT, false, false, WHOLE, 0))
                .hasMessageStartingWith("no trace is given");
    }

    @Test
    void anotherJvmGetsThisOnesFlagsButNotItsAgents() {
        List<String> command = ThisJvm.command(List.of("-Dmore=1"), DemoProcess.class, List.of("compute"));
        assertThat(command.get(0)).endsWith("bin/java");
        assertThat(command).noneMatch(word -> word.startsWith("-javaagent") || word.startsWith("-agentlib"));
        assertThat(command.subList(command.indexOf("-cp") - 1, command.size()))
                .containsExactly(
                        "-Dmore=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.finemem.runtime.demo.DemoProcess",
                        "compute");
    }

    @Test
    void theDirectoryGoesWithEverythingInIt(@TempDir Path parent) throws Exception {
        Path path;
        try (SharedDirectory directory = SharedDirectory.create(parent.toString())) {
            path = directory.path();
            Files.createFile(path.resolve("left"));
            SharedDirectory.removeIfEmpty(path);
            assertThat(path).exists().hasParent(parent);
        }
        assertThat(path).doesNotExist();
        assertThat(parent).isEmptyDirectory();
    }

    private static Demo demo(long poolBytes, long maxOperations) {
        DemoOptions options = new DemoOptions(
                "shm",
                Map.of(),
                List.of("redis", "javac"),
                1,
                poolBytes,
                Isolation.STRICT,
                false,
                false,
                WHOLE.withMaxOperations(maxOperations),
                0);
        return new Demo(options, SHM, DemoProgress.SILENT);
    }
}
