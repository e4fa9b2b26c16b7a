package io.finemem.runtime.soak;

import ch.qos.logback.classic.Level;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.demo.ChildLog;
import io.finemem.runtime.demo.ThisJvm;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A child process: what it says, and the signals that it gets. */
final class SoakChild {
    private static final long END_SECONDS = 60;

    private final String name;
    private final Process process;
    private final BufferedWriter input;
    private volatile boolean doomed;

    /** Something that a child said, or that it ended, in which case it is "failed". */
    record Heard(SoakChild child, String[] words) {}

    private SoakChild(String name, Process process) {
        this.name = name;
        this.process = process;
        this.input = process.outputWriter();
    }

    static SoakChild start(String name, String role, Consumer<Heard> listener) {
        List<String> flags = new ArrayList<>(ChildLog.flags(Level.ERROR));
        flags.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms16m", "-Xmx96m", "-Xshare:auto"));
        try {
            Process process = new ProcessBuilder(ThisJvm.command(flags, SoakProcess.class, List.of(role)))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            SoakChild child = new SoakChild(name, process);
            Thread reader = new Thread(() -> child.listen(listener), "finemem-soak-" + name);
            reader.setDaemon(true);
            reader.start();
            return child;
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the " + name + " process could not be started: " + e.getMessage());
        }
    }

    private void listen(Consumer<Heard> listener) {
        String how;
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                listener.accept(new Heard(this, line.split(" ")));
            }
            how = "status " + process.waitFor();
        } catch (IOException e) {
            how = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!doomed) {
            listener.accept(new Heard(this, new String[] {"failed", "ended", "early,", how}));
        }
    }

    String name() {
        return name;
    }

    void send(String line) {
        try {
            input.write(line);
            input.newLine();
            input.flush();
        } catch (IOException e) {
            throw new ProtocolViolation(e, "the " + name + " process has ended early");
        }
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() {
        doomed = true;
        process.destroyForcibly();
        awaitEnd();
    }

    void stop() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    /** Tells it to end, and waits until it has. */
    void end() {
        doomed = true;
        send(OwnerLoad.END);
        awaitEnd();
        if (process.exitValue() != 0) {
            throw new ProtocolViolation("the " + name + " process ended badly", "status", process.exitValue());
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw new ProtocolViolation("the " + name + " process does not end", "seconds", END_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProtocolViolation(e, "interrupted while waiting for the end of the " + name + " process");
        }
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new ProtocolViolation("the " + name + " process cannot be sent a signal", "signal", signal);
            }
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the program kill is missing: install procps");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProtocolViolation(e, "interrupted while sending a signal", "signal", signal);
        }
    }

    /** At the end, however it was reached. */
    void destroy() {
        doomed = true;
        process.destroyForcibly();
    }
}
