package io.finemem.it.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.finemem.runtime.cli.FineMemCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShmDemoTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void applicationsReplayThroughAnAllocationServiceAndEveryChunkIsAccountedFor() throws Exception {
        Path json = directory.resolve("demo.json");
        Path files = Files.createDirectory(directory.resolve("files"));
        int status = finemem(
                "demo",
                "--transport",
                "shm",
                "--operations",
                "600",
                "--json",
                json.toString(),
                "--set",
                "finemem.transport.shm.directory=" + files);
        assertThat(status).as("%s%n%s", out, err).isZero();
        assertThat(out.toString()).contains("through an allocation service", "that the allocation service posted");
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.get("throughService").booleanValue()).isTrue();
        assertThat(report.get("computeProcesses").intValue()).isEqualTo(2);
        assertThat(report.get("failures").longValue()).isZero();
        assertThat(report.get("leakedBlocks").longValue()).isZero();
        assertThat(report.at("/auditWhileHeld/usedChunks").longValue())
                .isPositive()
                .isEqualTo(report.at("/auditWhileHeld/heldChunks").longValue());
        assertThat(report.at("/allocation/count").longValue())
                .isPositive()
                .isEqualTo(report.at("/free/count").longValue());
        assertThat(report.at("/allocation/doorbells").doubleValue())
                .as("blocks claimed ahead are handed out without any")
                .isBetween(0.01, 2.0);
        assertThat(report.get("rawCasP50Micros").doubleValue()).isPositive();
        try (Stream<Path> left = Files.list(files)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aPartOfBothTracesIsReplayedAndEveryChunkAccountedFor() throws Exception {
        Path json = directory.resolve("demo.json");
        Path files = Files.createDirectory(directory.resolve("files"));
        int status = finemem(
                "demo",
                "--transport",
                "shm",
                "--operations",
                "600",
                "--no-service",
                "--json",
                json.toString(),
                "--set",
                "finemem.transport.shm.directory=" + files);
        assertThat(status).as("%s%n%s", out, err).isZero();
        JsonNode report = new ObjectMapper().readTree(json.toFile());
        assertThat(report.get("transport").textValue()).isEqualTo("shm");
        assertThat(report.get("device").textValue()).startsWith(files.toString());
        assertThat(report.get("failures").longValue()).isZero();
        assertThat(report.get("leakedBlocks").longValue()).isZero();
        assertThat(report.get("operations").longValue()).isBetween(2000L, 2400L);
        assertThat(report.at("/auditWhileHeld/usedChunks").longValue())
                .isPositive()
                .isEqualTo(report.at("/auditWhileHeld/heldChunks").longValue());
        assertThat(report.at("/allocation/count").longValue())
                .isEqualTo(report.at("/free/count").longValue())
                .isEqualTo(report.get("operations").longValue() / 2);
        assertThat(report.at("/free/doorbells").doubleValue())
                .as("more than 1 where a process frees faster than the memory node revokes")
                .isBetween(1.0, 2.0);
        assertThat(report.at("/allocation/roundTrips").doubleValue()).isBetween(1.0, 2.0);
        assertThat(report.get("rawCasP50Micros").doubleValue()).isPositive();
        assertThat(out.toString()).contains("passed: ", "transport shm: as asked for");
        assertThat(files).isEmptyDirectory();
    }

    @Test
    void wrongUsageIsOneLineAndStatusTwo() {
        assertThat(finemem("demo", "--transport", "shm", "--trace", "nonsense")).isEqualTo(2);
        assertThat(err.toString())
                .contains("finemem demo: there is no trace 'nonsense'")
                .doesNotContain("\tat ");
    }

    /** Also a parent that is killed, and cannot clean up, leaves neither processes nor files. */
    @Test
    void whenTheParentIsKilledChildrenAndFilesGo() throws Exception {
        Process parent = new ProcessBuilder(commandLine())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        try {
            await().atMost(PATIENCE).until(() -> parent.children().count() == 4 && hasFabric(directory));
            List<ProcessHandle> children = parent.children().toList();
            parent.destroyForcibly();
            await().atMost(PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
            await().atMost(PATIENCE).until(() -> names(directory).equals(List.of("log")));
        } finally {
            parent.descendants().forEach(ProcessHandle::destroyForcibly);
            parent.destroyForcibly();
        }
    }

    private List<String> commandLine() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(FineMemCommand.class.getName());
        command.addAll(List.of("demo", "--transport", "shm", "--speed", "1"));
        command.addAll(List.of("--set", "finemem.transport.shm.directory=" + directory));
        return command;
    }

    private static boolean hasFabric(Path directory) throws Exception {
        for (String name : names(directory)) {
            Path path = directory.resolve(name);
            if (name.startsWith("finemem-demo-") && !names(path).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private static List<String> names(Path directory) throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private int finemem(String... arguments) {
        return FineMemCommand.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
