package io.finemem.runtime.soak.system;

import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the system, run to their ends: signals, and what is done to interfaces. */
final class Programs {
    private static final long SECONDS = 60;

    private Programs() {}

    static void signal(String signal, long process, String name) {
        run(List.of("kill", "-" + signal, Long.toString(process)), "send a signal to " + name);
    }

    /** @throws ProtocolViolation if the program fails */
    static void run(List<String> command, String purpose) {
        end(start(new ProcessBuilder(command).inheritIO(), purpose), command, purpose);
    }

    /**
     * What a program prints; of few lines, which fit into a pipe.
     *
     * @throws ProtocolViolation if the program fails
     */
    static List<String> lines(List<String> command, String purpose) {
        Process program = start(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT), purpose);
        try {
            String text = new String(program.getInputStream().readAllBytes(), Charset.defaultCharset());
            end(program, command, purpose);
            return text.lines().toList();
        } catch (IOException e) {
            throw new ProtocolViolation(e, "could not " + purpose, "command", String.join(" ", command));
        }
    }

    private static Process start(ProcessBuilder program, String purpose) {
        try {
            return program.start();
        } catch (IOException e) {
            throw new OutOfLocalResources(
                    e, "the program " + program.command().get(0) + " is missing: could not " + purpose);
        }
    }

    private static void end(Process program, List<String> command, String purpose) {
        try {
            if (!program.waitFor(SECONDS, TimeUnit.SECONDS) || program.exitValue() != 0) {
                throw new ProtocolViolation("could not " + purpose, "command", String.join(" ", command));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProtocolViolation(e, "interrupted: could not " + purpose);
        }
    }
}
