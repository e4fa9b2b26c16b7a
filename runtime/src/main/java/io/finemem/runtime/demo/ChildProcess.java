package io.finemem.runtime.demo;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A child process and the parent's end of the line to it. */
final class ChildProcess implements AutoCloseable {
    private static final long END_SECONDS = 60;
    private static final long TERM_SECONDS = 5;

    private final String name;
    private final Process process;
    private final BufferedWriter input;

    /**
     * Something that a child said, or that it ended.
     *
     * @param message what it said; a {@link Message.Failed} if it ended with another status than 0
     */
    record Heard(ChildProcess child, Message message) {}

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.input = process.outputWriter();
    }

    /**
     * Starts a child; what it writes to standard error goes to this process's.
     *
     * @param listener told in a thread of the child what it says
     */
    static ChildProcess start(String name, String role, Consumer<Heard> listener) {
        Process process;
        try {
            process = new ProcessBuilder(ThisJvm.command(ChildLog.flags(), DemoProcess.class, List.of(role)))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the " + name + " process could not be started: " + e.getMessage());
        }
        ChildProcess child = new ChildProcess(name, process);
        Thread reader = new Thread(() -> child.listen(listener), "finemem-demo-" + name);
        reader.setDaemon(true);
        reader.start();
        return child;
    }

    String name() {
        return name;
    }

    /** Says something to the child. */
    void send(Message message) {
        try {
            input.write(JsonLines.print(message));
            input.newLine();
            input.flush();
        } catch (IOException e) {
            throw new ProtocolViolation(e, "the " + name + " process has ended early");
        }
    }

    private void listen(Consumer<Heard> listener) {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                listener.accept(new Heard(this, JsonLines.parse(line)));
            }
            int status = process.waitFor();
            if (status != 0) {
                listener.accept(new Heard(this, ended("exit status " + status)));
            }
        } catch (IOException | FineMemException e) {
            listener.accept(new Heard(this, ended(e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Message.Failed ended(String how) {
        return new Message.Failed(ErrorCode.PROTOCOL_VIOLATION, "the " + name + " process has ended early: " + how);
    }

    /** Waits for the end of a child that was told to finish; false if it does not end, or not with status 0. */
    boolean endsInOrder() {
        try {
            return process.waitFor(END_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Asks the child to end, and ends it if it does not. */
    @Override
    public void close() {
        process.destroy();
        boolean ended = false;
        try {
            ended = process.waitFor(TERM_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            process.destroyForcibly();
        }
    }
}
