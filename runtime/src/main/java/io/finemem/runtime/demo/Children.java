package io.finemem.runtime.demo;

import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** All child processes of one demonstration. None of them outlives this object, nor this process. */
final class Children implements AutoCloseable {
    private final List<ChildProcess> children = new ArrayList<>();
    private final BlockingQueue<ChildProcess.Heard> heard = new LinkedBlockingQueue<>();
    private volatile boolean closed;

    /** Starts a child. */
    synchronized ChildProcess start(String name, String role) {
        if (closed) {
            throw new OperationTimeout("the demonstration is being ended");
        }
        ChildProcess child = ChildProcess.start(name, role, heard::add);
        children.add(child);
        return child;
    }

    /**
     * The next thing that any child says.
     *
     * @param patience upper bound of the wait
     * @throws FineMemException with the child's own words if it has given up or ended
     */
    ChildProcess.Heard next(Duration patience) {
        ChildProcess.@Nullable Heard next = poll(patience);
        if (next == null) {
            throw new OperationTimeout(
                    "no process of the demonstration says anything", "seconds", patience.toSeconds());
        }
        if (closed) {
            awaitEndOfThisProcess();
        }
        if (next.message() instanceof Message.Failed failed) {
            throw new FineMemException(failed.code(), failed.text());
        }
        return next;
    }

    private ChildProcess.@Nullable Heard poll(Duration patience) {
        try {
            return heard.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperationTimeout(e, "interrupted while waiting for the processes of the demonstration");
        }
    }

    /** Waits until all children, told to finish, have ended; the names of those that do not, or not with status 0. */
    List<String> unruly() {
        return started().stream()
                .filter(child -> !child.endsInOrder())
                .map(ChildProcess::name)
                .toList();
    }

    private synchronized List<ChildProcess> started() {
        return List.copyOf(children);
    }

    /** The children were ended because this process is being ended: nothing is to be said about it. */
    private static void awaitEndOfThisProcess() {
        while (true) {
            LockSupport.park();
        }
    }

    /** Ends all children, in the reverse order of their starts: those that allocate before the one that lends. */
    @Override
    public synchronized void close() {
        closed = true;
        for (int i = children.size() - 1; i >= 0; i--) {
            children.get(i).close();
        }
    }
}
