package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.finemem.runtime.control.PresharedSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code finemem top} in a terminal, looking at a memory node in another process. */
@Timeout(120)
class TopTerminalTest {
    private static final int ENDED = 0;
    private static final int TERMINATED = 143;

    @TempDir
    private Path directory = Path.of(".");

    private final List<AutoCloseable> started = new ArrayList<>();
    private String endpoint = "";

    @BeforeEach
    void makeSecret() throws IOException {
        PresharedSecret.create(directory.resolve("secret"));
        Files.createDirectory(directory.resolve("fabric"));
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            endpoint = "127.0.0.1:" + socket.getLocalPort();
        }
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : started) {
            each.close();
        }
    }

    private JavaProcess memoryNode() throws Exception {
        Path file = Files.writeString(
                directory.resolve("node.conf"),
                "finemem { secret-file = \"" + directory.resolve("secret") + "\", http.port = "
                        + endpoint.substring(endpoint.indexOf(':') + 1)
                        + "\n transport { name = shm, shm.directory = \"" + directory.resolve("fabric")
                        + "\" }\n memory-node { pool = 8MiB, listen.port = 0 } }");
        JavaProcess node = JavaProcess.start(directory, FineMemCommand.class, "memory-node", "-c", file.toString());
        started.add(node);
        assertThat(node.line()).contains("http=" + endpoint);
        return node;
    }

    private PseudoTerminal top(int rows, int columns) throws IOException {
        PseudoTerminal terminal = PseudoTerminal.start(
                Files.createDirectory(directory.resolve("terminal" + started.size())),
                rows,
                columns,
                JavaProcess.command(FineMemCommand.class, "top", "-d", "0.2", endpoint));
        started.add(terminal);
        return terminal;
    }

    private static Predicate<List<String>> showing(String... texts) {
        return lines -> List.of(texts).stream().allMatch(text -> lines.stream().anyMatch(line -> line.contains(text)));
    }

    @Test
    void itDrawsWhatFitsFollowsTheSizeAndTheDaemonAndEndsByQ() throws Exception {
        JavaProcess node = memoryNode();
        PseudoTerminal terminal = top(24, 80);

        List<String> small = terminal.awaitLines(showing("MEMORY NODE", "mn0", "RECOVERED"));
        assertThat(small.get(0)).matches("finemem top  [\\d:]{5,8}  1 of 1 endpoints, every 0\\.2 s  q quits");
        assertThat(small).filteredOn(line -> line.startsWith("MEMORY NODE")).hasSize(2);

        terminal.resize(50, 200);
        List<String> large = terminal.awaitLines(
                lines -> lines.stream().filter(line -> line.startsWith("mn0")).count() == 1);
        assertThat(large)
                .filteredOn(line -> line.startsWith("MEMORY NODE"))
                .singleElement()
                .asString()
                .endsWith("RECOVERED");
        assertThat(large.subList(10, 50)).containsOnly("");

        terminal.resize(4, 40);
        terminal.awaitLines(lines -> lines.get(3).matches("\\.\\.\\. \\d+ more lines"));
        terminal.resize(24, 80);
        terminal.awaitLines(showing("RECOVERED"));

        node.kill();
        List<String> alone = terminal.awaitLines(showing(endpoint + " cannot be reached", "0 of 1 endpoints"));
        assertThat(alone.get(1)).as("first of all").contains("cannot be reached");
        memoryNode();
        terminal.awaitLines(showing("1 of 1 endpoints", "serving"));

        terminal.type("q");
        assertThat(terminal.endedAndRestored()).isZero();
    }

    @Test
    void controlCAndTerminationLeaveTheTerminalAsItWas() throws Exception {
        PseudoTerminal interrupted = top(24, 80);
        interrupted.awaitLines(showing("cannot be reached"));
        interrupted.type("\u0003");
        assertThat(interrupted.endedAndRestored()).isEqualTo(ENDED);

        PseudoTerminal terminated = top(24, 80);
        terminated.awaitLines(showing("cannot be reached"));
        assertThat(ProcessHandle.of(terminated.pid()).orElseThrow().destroy()).isTrue();
        assertThat(terminated.endedAndRestored()).isEqualTo(TERMINATED);
    }

    @Test
    void withoutATerminalItSaysSoAndPrintsPlainLinesWhenAsked() throws Exception {
        JavaProcess refused = JavaProcess.start(directory, FineMemCommand.class, "top", endpoint);
        started.add(refused);
        assertThat(refused.exitCode()).isEqualTo(FineMemCommand.FAILURE);
        assertThat(refused.errors()).isEqualTo("finemem top: there is no terminal; use --once, or --batch\n");
        assertThat(refused.output()).isEmpty();

        memoryNode();
        JavaProcess batch = JavaProcess.start(directory, FineMemCommand.class, "top", "--batch", "-d", "0.1", endpoint);
        started.add(batch);
        for (int view = 0; view < 2; view++) {
            assertThat(batch.line()).startsWith("finemem top ");
            assertThat(batch.line()).matches("MEMORY NODE  .*  RECOVERED");
            assertThat(batch.line()).startsWith("mn0 ").doesNotContain("\u001b");
            assertThat(batch.line()).isEmpty();
        }
        batch.terminate();
        assertThat(batch.exitCode()).isEqualTo(TERMINATED);
    }
}
