package io.finemem.runtime.soak.system;

import ch.qos.logback.classic.Level;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.ProtocolViolation;
import io.finemem.runtime.demo.ChildLog;
import io.finemem.runtime.demo.ThisJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A process of the system: the last thing it said, its log, and the signals that it gets. Used by one thread. */
final class SystemProcess implements AutoCloseable {
    private static final long END_SECONDS = 180;
    private static final int LOG_CHARACTERS = 4000;
    /** Stacks go to the log: standard output is listened to. */
    private static final String STACKS_TO_LOG = "-XX:+DisplayVMOutputToStderr";
    /** What every JVM writes last when it is asked for its stacks, but for the heap. */
    private static final String STACKS_END = "JNI global ref";

    private final String name;
    private final Process process;
    private final Path log;
    private final Thread reader;
    private volatile String ready = "";
    private volatile Progress progress = Progress.NONE;
    private final AtomicLong pauseMillis = new AtomicLong();
    private volatile String last = "";
    private volatile String wrong = "";
    private volatile long heard = System.nanoTime();

    private SystemProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        reader = new Thread(this::listen, "finemem-soak-" + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts a process like this one; its log goes to a file of its own in the directory. */
    static SystemProcess start(String name, Path directory, List<String> flags, Class<?> main, List<String> arguments) {
        List<String> all = new ArrayList<>(ChildLog.flags(Level.WARN));
        all.addAll(flags);
        all.add(STACKS_TO_LOG);
        try {
            Path log = Files.createTempFile(directory, name + "-", ".log");
            return new SystemProcess(
                    name,
                    new ProcessBuilder(ThisJvm.command(all, main, arguments))
                            .redirectError(log.toFile())
                            .start(),
                    log);
        } catch (IOException e) {
            throw new OutOfLocalResources(e, "the process " + name + " could not be started: " + e.getMessage());
        }
    }

    private void listen() {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("ready ") || line.equals("open")) {
                    ready = line;
                } else if (line.startsWith(Progress.WORD + " ")) {
                    progress = Progress.of(line);
                    pauseMillis.accumulateAndGet(Progress.pauseMillis(line), Math::max);
                } else if (line.startsWith("wrong ")) {
                    wrong = line;
                } else {
                    last = line;
                }
                heard = System.nanoTime();
            }
        } catch (IOException e) {
            last = e.toString(); // a killed process's pipe; what it said before was read
        }
    }

    String name() {
        return name;
    }

    /** What it said when it could be used; empty before. */
    String ready() {
        return ready;
    }

    /** How far it says it is; zeros before. */
    Progress progress() {
        return progress;
    }

    /** The longest pause that it told of since this was asked last. */
    long takePauseMillis() {
        return pauseMillis.getAndSet(0);
    }

    boolean alive() {
        return process.isAlive();
    }

    /** When it said something last, in the time of {@link System#nanoTime}. */
    long heard() {
        return heard;
    }

    /** @throws ProtocolViolation if it has ended, or said that something is wrong */
    void requireGood() {
        if (!wrong.isEmpty()) {
            throw failed(wrong.substring("wrong ".length()));
        }
        if (!process.isAlive()) {
            throw failed("it has ended early with status " + process.exitValue());
        }
    }

    /** The failure of this process with the end of its log. */
    ProtocolViolation failed(String how) {
        String text;
        try {
            String all = Files.readString(log);
            text = all.substring(Math.max(0, all.length() - LOG_CHARACTERS));
        } catch (IOException e) {
            text = "its log cannot be read: " + e;
        }
        return new ProtocolViolation("the process " + name + " failed: " + how + "\n" + text);
    }

    /** SIGKILL; returns when it is gone and all that it said was heard. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
        if (!wrong.isEmpty()) {
            throw failed(wrong.substring("wrong ".length()));
        }
    }

    void askForThreads() {
        Programs.signal("QUIT", process.pid(), name);
    }

    /** Whether the stacks of its threads are in its log; also if it cannot be read, or the process has ended. */
    boolean hasToldThreads() {
        try {
            return !process.isAlive() || Files.readString(log).contains(STACKS_END);
        } catch (IOException e) {
            return true;
        }
    }

    void stop() {
        Programs.signal("STOP", process.pid(), name);
    }

    void resume() {
        Programs.signal("CONT", process.pid(), name);
    }

    /** SIGTERM, for a daemon; returns when it has ended. */
    void terminate() {
        process.destroy();
        awaitEnd();
    }

    /** The end of its input, for an application; it has to end well. */
    void finish() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw failed("its input cannot be closed: " + e);
        }
        awaitEnd();
        if (!wrong.isEmpty() || process.exitValue() != 0 || !last.equals("done")) {
            throw failed(wrong.isEmpty() ? "status " + process.exitValue() + " after '" + last + "'" : wrong);
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                throw failed("it does not end within " + END_SECONDS + " s");
            }
            reader.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProtocolViolation(e, "interrupted while waiting for the end of " + name);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
