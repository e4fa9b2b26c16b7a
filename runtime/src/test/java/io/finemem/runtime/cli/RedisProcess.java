package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A redis-server process of the test's own, on a free port of the loop-back device; what it acknowledged survives a kill. */
final class RedisProcess implements AutoCloseable {
    private static final String PROGRAM = "redis-server";
    private static final Duration START_LIMIT = Duration.ofSeconds(15);
    private static final int CONNECT_MILLIS = 200;

    private final Path directory;
    private final int port;
    private final List<String> options;
    private Process process;

    private RedisProcess(Path directory, int port, List<String> options) throws IOException {
        this.directory = directory;
        this.port = port;
        this.options = options;
        this.process = launch();
    }

    /** Without the program the test is skipped; where CI runs it, that is a failure. */
    static RedisProcess start(Path directory, String... options) throws IOException {
        boolean found = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
        if (!found && "true".equals(System.getenv("CI"))) {
            fail(PROGRAM + " is not installed, but CI must run this; apt-get install redis-server");
        } else if (!found) {
            abort(PROGRAM + " is not installed; apt-get install redis-server");
        }
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        return new RedisProcess(Files.createDirectory(directory.resolve("redis")), port, List.of(options));
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                PROGRAM,
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always"));
        command.addAll(options);
        Process launched = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        await("redis-server answers")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> launched.isAlive() && answers());
        return launched;
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            socket.setSoTimeout(CONNECT_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
            return answer.equals("+PONG") || answer.equals("-NOAU"); // it wants a password, and is there
        } catch (IOException e) {
            return false;
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** As {@code kill -9}. Returns when the process is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Starts it again with the data that it had. */
    void restart() throws IOException {
        process = launch();
    }

    /** Starts it again, and all is lost. */
    void restartEmpty() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("appendonlydir"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory.resolve("appendonlydir"));
        restart();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
