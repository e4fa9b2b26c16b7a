package io.finemem.runtime.soak.system;

import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import java.io.IOException;
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
        try {
            Process program = new ProcessBuilder(command).inheritIO().start();
            if (!program.waitFor(SECONDS, TimeUnit.SECONDS) || program.exitValue() != 0) {
                throw new ProtocolViolation("could not " + purpose, "command", String.join(" ", command));
            }
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the program " + command.get(0) + " is missing: could not " + purpose);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProtocolViolation(e, "interrupted: could not " + purpose);
        }
    }
}
