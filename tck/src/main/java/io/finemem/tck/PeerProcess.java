package io.finemem.tck;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A real process with an opened transport of its own ({@link PeerMain}), that can be told what to post, stopped, and
 * killed.
 *
 * <p><b>Thread-safety.</b> None.
 */
final class PeerProcess implements AutoCloseable {
    private static final String GONE = "gone";

    private final Process process;
    private final Duration patience;
    private final PrintWriter commands;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private long address;
    private int rkey;

    private PeerProcess(Process process, Duration patience) {
        this.process = process;
        this.patience = patience;
        this.commands = new PrintWriter(process.outputWriter(StandardCharsets.US_ASCII), true);
    }

    /** Starts the process and waits until it has memory to offer. */
    static PeerProcess start(TransportUnderTest underTest) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(PeerProcess::isForPeers)
                .forEach(command::add);
        command.addAll(underTest.peerJvmFlags());
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(PeerMain.class.getName());
        command.add(underTest.provider().getClass().getName());
        command.add(Long.toString(underTest.patience().toMillis()));
        command.add("finemem.transport." + underTest.provider().name());
        underTest.servingSettings().forEach((key, value) -> command.add(key + '=' + value));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            PeerProcess peer = new PeerProcess(process, underTest.patience());
            peer.await();
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flags that say how the JVM works, not what watches it. */
    private static boolean isForPeers(String flag) {
        return flag.startsWith("-X") || flag.startsWith("--") || flag.startsWith("-Djnr.");
    }

    private void await() {
        Thread reader = new Thread(this::readOutput, "tck-peer-output");
        reader.setDaemon(true);
        reader.start();
        try {
            String[] region = nextAnswer("start").split(" ");
            address = Long.parseLong(region[0]);
            rkey = Integer.parseInt(region[1]);
        } catch (RuntimeException | AssertionError e) {
            kill();
            throw e;
        }
    }

    private void readOutput() {
        try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(PeerMain.ANSWER)) {
                    answers.add(line.substring(PeerMain.ANSWER.length()));
                } else {
                    System.out.println("peer: " + line);
                }
            }
        } catch (IOException e) {
            System.out.println("peer: output ended: " + e.getMessage());
        }
        answers.add(GONE);
    }

    /** Address of the first byte of its region of 64 KiB. */
    long address() {
        return address;
    }

    /** Rkey of its region. */
    int rkey() {
        return rkey;
    }

    /** Sends a command and waits for its answer. */
    String tell(Object... words) {
        StringBuilder command = new StringBuilder();
        for (Object word : words) {
            command.append(command.isEmpty() ? "" : " ").append(word);
        }
        commands.println(command);
        return nextAnswer(command.toString());
    }

    private String nextAnswer(String command) {
        try {
            String answer = answers.poll(3 * patience.toMillis(), TimeUnit.MILLISECONDS);
            if (answer == null || answer.equals(GONE) || answer.startsWith("error")) {
                throw new AssertionError("the peer process answered to '" + command + "': " + answer);
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the peer process", e);
        }
    }

    /** Two connected ends: ours, and its number there. */
    record Link(Connection connection, int number) implements AutoCloseable {
        @Override
        public void close() {
            connection.close();
        }
    }

    /** Connects a new end of a domain of ours with a new end over there. */
    Link connect(ProtectionDomain domain) {
        Connection connection = domain.newConnection(ConnectionOptions.of("peer-process"));
        try {
            String[] answer = tell("connect", HexFormat.of().formatHex(connection.descriptor()))
                    .split(" ");
            connection.connect(HexFormat.of().parseHex(answer[1]));
            return new Link(connection, Integer.parseInt(answer[0]));
        } catch (RuntimeException | AssertionError e) {
            connection.close();
            throw e;
        }
    }

    /** Stops it in the middle of whatever it does (SIGSTOP). */
    void suspend() {
        signal("-STOP");
    }

    /** Lets it run on (SIGCONT). */
    void resume() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .inheritIO()
                    .start();
            if (!kill.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS) || kill.exitValue() != 0) {
                throw new AssertionError("kill " + signal + " did not work");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while sending a signal", e);
        }
    }

    /** Kills it (SIGKILL) and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    /** Ends its input, so that it closes its transport and exits; kills it if it does not. */
    @Override
    public void close() {
        commands.close();
        awaitExit();
    }

    private void awaitExit() {
        try {
            if (process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            process.destroyForcibly();
            throw new AssertionError("the peer process did not exit");
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the exit of the peer process", e);
        }
    }

    /** Exit status, once it is gone. */
    int exitStatus() {
        return process.exitValue();
    }
}
