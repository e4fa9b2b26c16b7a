package io.finemem.transport.rxe;

import io.finemem.spi.transport.TransportUnavailable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Short-lived programs of the system: {@code ip}, {@code rdma}, {@code modprobe}. */
final class Command {
    private static final int LIMIT_SECONDS = 30;
    private static final List<Path> DIRECTORIES =
            List.of(Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/sbin"), Path.of("/bin"));

    private Command() {}

    /** Whether the program is installed. */
    static boolean exists(String program) {
        return DIRECTORIES.stream().anyMatch(directory -> Files.isExecutable(directory.resolve(program)));
    }

    /**
     * Runs a program to its end.
     *
     * @throws TransportUnavailable if it is missing, fails or does not end in time; the text has its output
     */
    static void run(String... words) {
        Result result = attempt(words);
        if (result.status != 0) {
            throw new TransportUnavailable(
                    "'" + String.join(" ", words) + "' failed with status " + result.status + ": " + result.output);
        }
    }

    /** Whether a program ends with status 0. */
    static boolean succeeds(String... words) {
        return attempt(words).status == 0;
    }

    private record Result(int status, String output) {}

    private static Result attempt(String... words) {
        String program = DIRECTORIES.stream()
                .map(directory -> directory.resolve(words[0]))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new TransportUnavailable("program " + words[0] + " is not installed"))
                .toString();
        String[] command = words.clone();
        command[0] = program;
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new TransportUnavailable("'" + String.join(" ", words) + "' does not end");
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(
                    process.exitValue(), output.replaceAll("\\s+", " ").trim());
        } catch (IOException e) {
            throw new TransportUnavailable(e, "'" + String.join(" ", words) + "' cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportUnavailable(e, "interrupted during '" + String.join(" ", words) + "'");
        }
    }
}
