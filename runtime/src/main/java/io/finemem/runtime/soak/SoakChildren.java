package io.finemem.runtime.soak;

import io.finemem.api.OperationTimeout;
import io.finemem.api.ProtocolViolation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All children of one run. None of them outlives this object, nor this process if it ends in order. */
final class SoakChildren implements AutoCloseable {
    private final List<SoakChild> children = new ArrayList<>();
    private final BlockingQueue<SoakChild.Heard> heard = new LinkedBlockingQueue<>();
    private final Thread hook = new Thread(this::destroyAll, "finemem-soak-cleanup");

    SoakChildren() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    synchronized SoakChild start(String name, String role) {
        SoakChild child = SoakChild.start(name, role, heard::add);
        children.add(child);
        return child;
    }

    /**
     * The next thing that any child says; null if nothing is said within the time.
     *
     * @throws ProtocolViolation with the child's own words if it gave up or ended
     */
    SoakChild.@Nullable Heard next(long nanos) {
        SoakChild.Heard next;
        try {
            next = heard.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperationTimeout(e, "interrupted while waiting for the processes");
        }
        if (next != null && next.words()[0].equals("failed")) {
            String text = Arrays.stream(next.words()).skip(1).collect(Collectors.joining(" "));
            throw new ProtocolViolation("the process " + next.child().name() + " failed: " + text);
        }
        return next;
    }

    private synchronized void destroyAll() {
        children.forEach(SoakChild::destroy);
    }

    @Override
    public void close() {
        destroyAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // this process is ending, and the hook runs
        }
    }
}
