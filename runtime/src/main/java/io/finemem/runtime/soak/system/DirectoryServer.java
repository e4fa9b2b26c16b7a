package io.finemem.runtime.soak.system;

import io.finemem.api.OutOfLocalResources;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A redis-server of the run's own on a free port of the loop-back device, with one user that has the rights of docs/redis.md. What it
 * acknowledged survives a kill. Used by one thread.
 */
final class DirectoryServer implements AutoCloseable {
    static final String USER = "finemem";
    /** Those of the page, with the prefix that is the default. */
    static final String RIGHTS =
            "resetkeys ~{finemem}:* resetchannels &{finemem}:changes -@all +eval +evalsha +ping +subscribe"
                    + " +unsubscribe +publish +time +hget +hset +hsetnx +hgetall +hdel +zadd +zrem +zrange +zrangebyscore"
                    + " +zremrangebyscore +zscore +zcard +del +pexpire";

    private static final String PROGRAM = "redis-server";
    private static final int PASSWORD_BYTES = 16;
    private static final int CONNECT_MILLIS = 200;
    private static final int ANSWER_BYTES = 5;
    private static final int HEARTBEATS = 5;
    private static final long END_SECONDS = 180;

    private final Path directory;
    private final Path password;
    private final int port;
    private Process process;

    private DirectoryServer(Path directory, Path password, int port) throws IOException {
        this.directory = directory;
        this.password = password;
        this.port = port;
        this.process = launch();
    }

    /** @param parent gets a directory with its files */
    static DirectoryServer start(Path parent) {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        try {
            int port = freePort();
            Path directory = Files.createDirectory(parent.resolve("redis"));
            Path file = secretFile(directory.resolve("password"), password);
            secretFile(
                    directory.resolve("redis.conf"),
                    String.join(
                            "\n",
                            "bind 127.0.0.1",
                            "port " + port,
                            "dir " + directory,
                            "save \"\"",
                            "appendonly yes",
                            "appendfsync always",
                            "databases 1",
                            // Not off: it is the default user who reads the log when the server starts again.
                            "user default on >" + password + " ~* &* +@all",
                            "user " + USER + " on >" + password + " " + RIGHTS,
                            ""));
            return new DirectoryServer(directory, file, port);
        } catch (IOException e) {
            throw new OutOfLocalResources(
                    e, "the program " + PROGRAM + " could not be started, install redis-server: " + e.getMessage());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Path secretFile(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(PROGRAM, directory.resolve("redis.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
    }

    /** Whether it answers; nobody without a password learns more. */
    boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            socket.setSoTimeout(CONNECT_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(ANSWER_BYTES);
            return new String(answer, StandardCharsets.US_ASCII).equals("-NOAU");
        } catch (IOException e) {
            return false;
        }
    }

    /** As {@code kill -9}; returns when it is gone. */
    void kill() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new OutOfLocalResources(PROGRAM + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutOfLocalResources(e, "interrupted while waiting for the end of " + PROGRAM);
        }
    }

    /** After a kill. @param empty whether it forgets all that it knew */
    void restart(boolean empty) {
        try {
            if (empty) {
                forget(directory.resolve("appendonlydir"));
                forget(directory.resolve("appendonly.aof"));
            }
            process = launch();
        } catch (IOException e) {
            throw new OutOfLocalResources(e, PROGRAM + " could not be started again: " + e.getMessage());
        }
    }

    private static void forget(Path path) throws IOException {
        if (Files.exists(path)) {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    void stop() {
        Programs.signal("STOP", process.pid(), PROGRAM);
    }

    void resume() {
        Programs.signal("CONT", process.pid(), PROGRAM);
    }

    /** The settings of who uses it, without their section. */
    Map<String, String> settings(Duration lease) {
        return Map.of(
                "addresses",
                "127.0.0.1:" + port,
                "user",
                USER,
                "password-file",
                password.toString(),
                "insecure",
                "true", // without TLS: it never leaves the machine
                "lease",
                lease.toMillis() + "ms",
                "heartbeat",
                lease.toMillis() / HEARTBEATS + "ms");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
