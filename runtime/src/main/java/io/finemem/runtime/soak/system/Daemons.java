package io.finemem.runtime.soak.system;

import io.finemem.runtime.cli.FineMemCommand;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Starts processes, and ends all of them in the end. All methods may be called by any thread. */
final class Daemons implements AutoCloseable {
    private final Path directory;
    private final List<String> jvmFlags;
    private final List<SystemProcess> all = new CopyOnWriteArrayList<>();

    Daemons(Path directory, List<String> jvmFlags) {
        this.directory = directory;
        this.jvmFlags = List.copyOf(jvmFlags);
    }

    /** A daemon as in production. */
    SystemProcess start(String name, String command, Path config) {
        return start(name, FineMemCommand.class, List.of(command, "-c", config.toString()));
    }

    SystemProcess start(String name, Class<?> main, List<String> arguments) {
        SystemProcess process = SystemProcess.start(name, directory, jvmFlags, main, arguments);
        all.add(process);
        return process;
    }

    /** Asks those that live for the stacks of all their threads; returns which they are. */
    List<SystemProcess> askForThreads() {
        List<SystemProcess> asked = all.stream().filter(SystemProcess::alive).toList();
        asked.forEach(SystemProcess::askForThreads);
        return asked;
    }

    /** How many were started. */
    int started() {
        return all.size();
    }

    /** Nobody survives. */
    @Override
    public void close() {
        all.forEach(SystemProcess::close);
    }
}
