package io.finemem.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A program in a terminal of its own, made by {@code script} of util-linux, which every Debian has. What the program draws is on the
 * {@link Screen}; what {@code stty -a} says before and after it is kept.
 */
final class PseudoTerminal implements AutoCloseable {
    /** The shell outlives the program, whatever Ctrl-C does to it, and says where it runs and how it ended. */
    private static final String SHELL =
            """
            cd '%1$s'; trap : INT; stty rows %2$d cols %3$d; stty -a >before; tty >tty.new; mv tty.new tty
            sh -c 'echo $$ >pid.new; mv pid.new pid; exec "$@"' - %4$s; echo $? >status; stty -a >after
            """;

    private final Path directory;
    private final Process script;
    private final Screen screen;
    private final StringBuilder pending = new StringBuilder();
    private final Thread reader;
    private volatile String failure = "";

    private PseudoTerminal(Path directory, Process script, Screen screen) {
        this.directory = directory;
        this.script = script;
        this.screen = screen;
        this.reader = new Thread(this::read, "terminal of " + script.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a program; its words need no quotes but those that this method makes. */
    static PseudoTerminal start(Path directory, int rows, int columns, List<String> command) throws IOException {
        String words = "'" + String.join("' '", command) + "'";
        Path file = Files.writeString(directory.resolve("shell"), SHELL.formatted(directory, rows, columns, words));
        Process script = new ProcessBuilder("script", "-qefc", "sh '" + file + "'", "/dev/null")
                .redirectErrorStream(true)
                .start();
        return new PseudoTerminal(directory, script, new Screen(rows, columns));
    }

    private void read() {
        char[] buffer = new char[1024];
        try (Reader output = new InputStreamReader(script.getInputStream(), StandardCharsets.UTF_8)) {
            int count = output.read(buffer);
            while (count >= 0) {
                synchronized (screen) {
                    pending.append(buffer, 0, count);
                    pending.delete(0, screen.take(pending.toString()));
                }
                count = output.read(buffer);
            }
        } catch (IOException | AssertionError e) {
            failure = e.toString();
        }
    }

    /** The lines on the screen. */
    List<String> lines() {
        assertThat(failure).isEmpty();
        synchronized (screen) {
            return screen.lines();
        }
    }

    /** Waits until the screen is as wanted; returns it. */
    List<String> awaitLines(Predicate<List<String>> wanted) {
        try {
            return await().atMost(JavaProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .until(this::lines, lines -> fits() && wanted.test(lines));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("in vain; the screen:\n" + String.join("\n", lines()), e);
        }
    }

    private boolean fits() {
        synchronized (screen) {
            return screen.fits();
        }
    }

    /** What a person who pulls at its corner does: the program gets SIGWINCH. */
    void resize(int rows, int columns) throws Exception {
        String tty = awaitFile("tty");
        Process stty = new ProcessBuilder("stty", "-F", tty, "rows", "" + rows, "cols", "" + columns)
                .inheritIO()
                .start();
        assertThat(stty.waitFor()).isZero();
        synchronized (screen) {
            screen.resize(rows, columns);
        }
    }

    /** Types characters. */
    void type(String keys) throws IOException {
        script.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
        script.getOutputStream().flush();
    }

    /** Process id of the program. */
    long pid() {
        return Long.parseLong(awaitFile("pid"));
    }

    private String awaitFile(String name) {
        Path file = directory.resolve(name);
        await().atMost(JavaProcess.PATIENCE).until(() -> Files.exists(file));
        return content(file);
    }

    private static String content(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the end of the program and asserts that the terminal is as it was before; returns the exit status. */
    int endedAndRestored() throws InterruptedException {
        if (!script.waitFor(JavaProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the program did not end; the screen:\n" + String.join("\n", lines()));
        }
        reader.join(JavaProcess.PATIENCE.toMillis());
        assertThat(content(directory.resolve("after")))
                .as("stty -a after the program")
                .isEqualTo(content(directory.resolve("before")));
        synchronized (screen) {
            assertThat(screen.alternate()).as("alternate screen left on").isFalse();
            assertThat(screen.cursorShown()).as("cursor").isTrue();
        }
        return Integer.parseInt(content(directory.resolve("status")));
    }

    @Override
    public void close() {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
    }
}
