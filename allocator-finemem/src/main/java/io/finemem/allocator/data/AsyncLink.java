package io.finemem.allocator.data;

import io.finemem.api.CapabilityRevoked;
import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionState;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection of an {@link AsyncPort} and what is under way on it. When a chain fails the connection is fenced, and every
 * transfer under way has failed with it; only reads of other blocks than one whose rkey was refused begin anew, since nobody
 * can tell.
 *
 * <p><b>Thread-safety.</b> Used by one thread.
 */
final class AsyncLink {
    private static final int CHAINS = 4;
    private static final int MAX_ATTEMPTS = 3;

    private final HeapConnector connector;
    private final int chainElements;
    private final long timeoutNanos;
    private final Supplier<@Nullable AsyncTransfer> incoming;
    private final Deque<AsyncTransfer> restarted = new ArrayDeque<>();
    /** The transfer of each chain under way, in posting order. */
    private final Deque<AsyncTransfer> posted = new ArrayDeque<>();

    private final Deque<Chain> idle = new ArrayDeque<>();
    private @Nullable HeapLink link;
    /** Posted in part, or not yet. */
    private @Nullable AsyncTransfer current;

    private long deadline;

    AsyncLink(
            HeapConnector connector,
            Capabilities capabilities,
            long timeoutNanos,
            Supplier<@Nullable AsyncTransfer> incoming) {
        this.connector = connector;
        this.chainElements = Transfer.chainElements(capabilities, CHAINS);
        this.timeoutNanos = timeoutNanos;
        this.incoming = incoming;
    }

    /** Whether something was begun and has not ended. */
    boolean busy() {
        return current != null || !posted.isEmpty() || !restarted.isEmpty();
    }

    /** Takes a completion and posts what there is room for; whether there was something to do. Never throws. */
    boolean step() {
        try {
            boolean completed = complete();
            return post() || completed;
        } catch (RuntimeException e) {
            failAll(e); // nothing may be left behind for which nobody would ever be told
            return true;
        }
    }

    private boolean complete() {
        HeapLink now = link;
        if (now == null || posted.isEmpty()) {
            return false;
        }
        Chain chain = now.connection().poll();
        if (chain == null) {
            if (System.nanoTime() - deadline > 0) {
                fail(now, null, Failures.timeout(connector.memoryNode(), timeoutNanos));
                return true;
            }
            return false;
        }
        AsyncTransfer transfer = posted.remove();
        deadline = System.nanoTime() + timeoutNanos;
        if (chain.status() == CompletionStatus.SUCCESS) {
            idle.add(chain);
            if (transfer.chainCompleted()) {
                transfer.end(null);
            }
        } else {
            fail(now, transfer, Failures.of(chain.status(), transfer.block()));
        }
        return true;
    }

    private boolean post() {
        boolean any = false;
        for (AsyncTransfer next = next(); next != null; next = next()) {
            HeapLink now = connected(next);
            if (now == null && current == null) {
                any = true; // it has failed; there may be another one
                continue;
            }
            Chain chain = now == null ? null : idle.poll();
            if (now == null || chain == null) {
                return any;
            }
            post(now.connection(), chain, next);
            any = true;
        }
        return any;
    }

    private @Nullable AsyncTransfer next() {
        if (current == null) {
            current = restarted.isEmpty() ? incoming.get() : restarted.remove();
        }
        return current;
    }

    private void post(Connection connection, Chain chain, AsyncTransfer next) {
        next.transfer().fill(chain.clear(), next.block());
        try {
            connection.submit(chain);
        } catch (ConnectionLost e) {
            idle.add(chain);
            if (next.takeBack() >= MAX_ATTEMPTS && !next.inFlight()) {
                current = null;
                next.end(e);
            }
            return;
        }
        if (posted.isEmpty()) {
            deadline = System.nanoTime() + timeoutNanos;
        }
        posted.add(next);
        next.chainPosted();
        if (!next.transfer().remains()) {
            current = null;
        }
    }

    /** The connection; null if it cannot be used yet, or not at all, and then the transfer has failed. */
    private @Nullable HeapLink connected(AsyncTransfer next) {
        HeapLink now = link;
        boolean broken = now != null && now.connection().state() != ConnectionState.CONNECTED;
        if (now != null && !broken) {
            return now;
        }
        if (!posted.isEmpty()) {
            return null; // what is under way completes first, and tells what happened
        }
        try {
            connector.requireUsable();
            if (now != null) {
                drop(now);
            }
            return open();
        } catch (RuntimeException e) {
            current = null;
            next.end(e);
            return null;
        }
    }

    private HeapLink open() {
        HeapLink opened = connector.connect(CHAINS * chainElements);
        for (int i = 0; i < CHAINS; i++) {
            idle.add(opened.connection().newChain(chainElements));
        }
        link = opened;
        return opened;
    }

    private void drop(HeapLink old) {
        link = null;
        idle.clear();
        try {
            connector.disconnect(old);
        } finally {
            old.connection().close();
        }
    }

    /**
     * Fences the connection and ends all that was under way on it.
     *
     * @param culprit whose chain failed, or null for all alike
     */
    private void fail(HeapLink now, @Nullable AsyncTransfer culprit, FineMemException failure) {
        Set<AsyncTransfer> affected = affected(culprit);
        link = null;
        idle.clear();
        RuntimeException lost = null;
        try {
            Failures.fence(connector, now, failure);
        } catch (RuntimeException e) {
            lost = e;
        }
        boolean refused = failure instanceof CapabilityRevoked;
        for (AsyncTransfer transfer : affected) {
            if (lost != null) {
                transfer.end(lost);
            } else if (transfer == culprit || culprit == null) {
                transfer.end(failure);
            } else if (refused && !transfer.transfer().isWrite() && transfer.restart() < MAX_ATTEMPTS) {
                restarted.add(transfer);
            } else {
                transfer.end(Failures.of(CompletionStatus.FLUSHED, transfer.block()));
            }
        }
    }

    private Set<AsyncTransfer> affected(@Nullable AsyncTransfer culprit) {
        Set<AsyncTransfer> affected = Collections.newSetFromMap(new IdentityHashMap<>());
        if (culprit != null) {
            affected.add(culprit);
        }
        affected.addAll(posted);
        posted.clear();
        AsyncTransfer partly = current;
        if (partly != null && affected.contains(partly)) {
            current = null;
        }
        return affected;
    }

    /** After a defect: the connection is closed on this side, so that nothing reaches this side's memory any more. */
    private void failAll(RuntimeException defect) {
        HeapLink now = link;
        link = null;
        idle.clear();
        Set<AsyncTransfer> affected = affected(null);
        AsyncTransfer partly = current;
        if (partly != null) {
            affected.add(partly);
            current = null;
        }
        affected.addAll(restarted);
        restarted.clear();
        if (now != null) {
            connector.lose(defect);
            now.connection().close();
        }
        affected.forEach(transfer -> transfer.end(defect));
    }

    void close() {
        HeapLink now = link;
        if (now != null) {
            link = null;
            now.connection().close();
        }
    }
}
