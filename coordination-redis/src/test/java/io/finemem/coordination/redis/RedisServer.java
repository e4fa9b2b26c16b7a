package io.finemem.coordination.redis;

import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A redis-server process of the test's own, in a directory of its own, on a free port of the loop-back device. */
final class RedisServer implements AutoCloseable {
    private static final String PROGRAM = "redis-server";
    private static final Duration START_LIMIT = Duration.ofSeconds(15);
    private static final int CONNECT_MILLIS = 200;

    private final Path directory;
    private final int port;
    private final List<String> options;
    private final Thread lastResort = new Thread(this::kill, "redis-last-resort");
    private Process process;

    private RedisServer(Path directory, int port, List<String> options) {
        this.directory = directory;
        this.port = port;
        this.options = options;
        Runtime.getRuntime().addShutdownHook(lastResort);
        process = launch();
    }

    /** A server whose acknowledged writes survive a kill; more options as in redis.conf. */
    static RedisServer start(String... options) {
        return start(freePort(), options);
    }

    static RedisServer start(int port, String... options) {
        requireProgram();
        try {
            return new RedisServer(Files.createTempDirectory("finemem-redis"), port, List.of(options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without the program, tests are skipped; where CI runs them, that is a failure. */
    static void requireProgram() {
        boolean found = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
        if (!found && "true".equals(System.getenv("CI"))) {
            fail(PROGRAM + " is not installed, but CI must run this; apt-get install redis-server");
        } else if (!found) {
            abort(PROGRAM + " is not installed; apt-get install redis-server, or set FINEMEM_REDIS_URL");
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch() {
        List<String> lines = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "port " + port,
                "dir " + directory,
                "save \"\"",
                "appendonly yes",
                "appendfsync always",
                "databases 1"));
        lines.addAll(options);
        boolean sentinel = options.stream().anyMatch(option -> option.startsWith("sentinel "));
        Path configuration = directory.resolve("redis.conf");
        try {
            if (sentinel) {
                lines.removeIf(
                        line -> line.startsWith("append") || line.startsWith("save") || line.startsWith("databases"));
            }
            Files.write(configuration, lines);
            List<String> command = new ArrayList<>(List.of(PROGRAM, configuration.toString()));
            if (sentinel) {
                command.add("--sentinel");
            }
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return process;
    }

    /** Waits until the server answers. */
    RedisServer ready() {
        await("redis-server answers")
                .atMost(START_LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .until(this::answers);
        return this;
    }

    /** A server with a password answers that it wants one; one with TLS only is taken at its connection. */
    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("redis-server ended: " + log());
        }
        int answering = options.stream()
                .filter(option -> option.startsWith("tls-port "))
                .map(option -> Integer.parseInt(option.substring("tls-port ".length())))
                .findFirst()
                .orElse(port);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), answering), CONNECT_MILLIS);
            if (answering != port) {
                return true;
            }
            socket.setSoTimeout(CONNECT_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII);
            return answer.equals("+PONG") || answer.equals("-NOAU");
        } catch (IOException e) {
            return false;
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    Path directory() {
        return directory;
    }

    /** As {@code kill -9}. Returns when the process is gone. */
    void kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("kill -" + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts it again with the data that it had. */
    void restart() {
        process = launch();
        ready();
    }

    /** Starts it again with no data. */
    void restartEmpty() {
        delete(directory.resolve("appendonlydir"));
        delete(directory.resolve("appendonly.aof"));
        restart();
    }

    void deleteDirectory() {
        kill();
        delete(directory);
    }

    private static void delete(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(lastResort);
        delete(directory);
    }
}
