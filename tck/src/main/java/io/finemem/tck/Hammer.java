package io.finemem.tck;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A peer that does not stop by itself: posts the same chain again and again, two in flight, until one does not
 * succeed, the connection refuses, or it is closed.
 */
final class Hammer implements AutoCloseable {
    private static final int IN_FLIGHT = 2;

    private final Connection connection;
    private final Duration patience;
    private final Consumer<Chain> filling;
    private final Thread thread;
    private volatile boolean stop;
    private volatile long posted;
    private volatile long acknowledged;
    private volatile @Nullable CompletionStatus end;
    private volatile @Nullable Throwable failure;

    private Hammer(Connection connection, Duration patience, Consumer<Chain> filling) {
        this.connection = connection;
        this.patience = patience;
        this.filling = filling;
        thread = new Thread(this::run, "tck-hammer");
        thread.setDaemon(true);
    }

    static Hammer start(Connection connection, Duration patience, Consumer<Chain> filling) {
        Hammer hammer = new Hammer(connection, patience, filling);
        hammer.thread.start();
        return hammer;
    }

    private void run() {
        try {
            end = hammer();
        } catch (FineMemException e) {
            end = CompletionStatus.FLUSHED;
        } catch (Throwable e) {
            failure = e;
        }
    }

    private CompletionStatus hammer() {
        boolean open = true;
        for (int i = 0; i < IN_FLIGHT && open; i++) {
            open = post(connection.newChain(1));
        }
        while (open && !stop) {
            Chain done = Poster.awaitNext(connection, patience);
            if (done.status() != CompletionStatus.SUCCESS) {
                return done.status();
            }
            acknowledged = acknowledged + 1;
            open = post(done.clear());
        }
        CompletionStatus rest = drain();
        return open || rest != CompletionStatus.SUCCESS ? rest : CompletionStatus.FLUSHED;
    }

    /** False if the connection refuses; what is in flight then says why. */
    private boolean post(Chain chain) {
        filling.accept(chain);
        posted = posted + 1;
        try {
            connection.submit(chain);
            return true;
        } catch (ConnectionLost e) {
            return false;
        }
    }

    /** Completes what is in flight: the first status that is no success. */
    private CompletionStatus drain() {
        while (connection.chainsInFlight() > 0) {
            CompletionStatus status = Poster.awaitNext(connection, patience).status();
            if (status != CompletionStatus.SUCCESS) {
                return status;
            }
            acknowledged = acknowledged + 1;
        }
        return CompletionStatus.SUCCESS;
    }

    /** Chains posted so far. */
    long posted() {
        return posted;
    }

    /** Chains that succeeded so far. */
    long acknowledged() {
        return acknowledged;
    }

    void awaitAcknowledged(long chains) {
        Deadline.await("the hammer's chain " + chains, patience, () -> {
            rethrow();
            return acknowledged >= chains || end != null;
        });
        if (acknowledged < chains) {
            throw new AssertionError("the hammer ended early with " + end);
        }
    }

    /** The status of the chain that ended it; FLUSHED if the connection refused. */
    CompletionStatus awaitEnd() {
        try {
            thread.join(2 * patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the hammer", e);
        }
        rethrow();
        CompletionStatus ending = end;
        if (ending == null) {
            throw new AssertionError("the hammer still runs: nothing told it that it is cut off");
        }
        return ending;
    }

    private void rethrow() {
        Throwable thrown = failure;
        if (thrown != null) {
            throw new AssertionError("the hammer failed: " + thrown, thrown);
        }
    }

    /** Lets the chains in flight complete and ends the thread. */
    @Override
    public void close() {
        stop = true;
        awaitEnd();
    }
}
