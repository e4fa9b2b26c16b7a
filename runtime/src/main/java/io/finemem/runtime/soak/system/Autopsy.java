package io.finemem.runtime.soak.system;

import io.finemem.api.FineMemException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** What is put down of a run that has failed, before its processes are killed: the stacks of all threads, and audits of all pools. */
final class Autopsy {
    /** Under emulation a JVM may need long to write its stacks. */
    private static final long STACKS_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Daemons daemons;
    private final MemoryNodes nodes;
    private final Consumer<String> progress;

    Autopsy(Daemons daemons, MemoryNodes nodes, Consumer<String> progress) {
        this.daemons = daemons;
        this.nodes = nodes;
        this.progress = progress;
    }

    /** The failure that led here is not hidden by another one. */
    void run() {
        try {
            List<SystemProcess> asked = daemons.askForThreads();
            long deadline = System.nanoTime() + STACKS_NANOS;
            while (!asked.stream().allMatch(SystemProcess::hasToldThreads) && System.nanoTime() < deadline) {
                LockSupport.parkNanos(POLL_NANOS);
            }
            progress.accept(
                    "the run fails; the stacks of all threads are in the logs of " + asked.size() + " processes");
        } catch (FineMemException e) {
            progress.accept("stacks are missing: " + e.getMessage());
        }
        nodes.findings().forEach(progress);
    }
}
