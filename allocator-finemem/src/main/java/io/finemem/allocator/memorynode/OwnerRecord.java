package io.finemem.allocator.memorynode;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An owner as the memory node knows it: its state, its lease, the node's ends of its connections.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread. A fence may take long; only other fences of the same
 * owner wait for it.
 */
final class OwnerRecord {
    private static final int NONE = 0;

    private final int id;
    private final String peerName;
    private final long leaseNanos;
    private final Map<Integer, Connection> connections = new HashMap<>();
    /** Held during a fence, and taken before the monitor of this object. */
    private final Lock fences = new ReentrantLock();
    /** The connection that is being fenced for the owner. */
    private int fencing = NONE;

    private OwnerState state = OwnerState.LIVE;
    private int lastConnection;
    private long lastHeartbeat;
    private long settleRequested;
    private long settled;

    OwnerRecord(int id, String peerName, long leaseNanos, long now) {
        this.id = id;
        this.peerName = peerName;
        this.leaseNanos = leaseNanos;
        this.lastHeartbeat = now;
    }

    int id() {
        return id;
    }

    String peerName() {
        return peerName;
    }

    synchronized OwnerState state() {
        return state;
    }

    /** From live to being fenced; whether it was live. */
    synchronized boolean die() {
        boolean live = state == OwnerState.LIVE;
        state = live ? OwnerState.FENCING : state;
        return live;
    }

    synchronized void setState(OwnerState next) {
        state = next;
    }

    /** The owner lives and may go on. */
    synchronized void requireLive() {
        if (state != OwnerState.LIVE) {
            throw new OwnerFenced("the owner was declared dead by the memory node: rejoin under a new id", "owner", id);
        }
    }

    /** Does something that must not happen after the owner was declared dead: its recovery sees all of it. */
    synchronized <T> T whileLive(Supplier<T> action) {
        requireLive();
        return action.get();
    }

    synchronized long heartbeat(long answered, long now) {
        requireLive();
        lastHeartbeat = now;
        settled = Math.max(settled, Math.min(answered, settleRequested));
        return settleRequested;
    }

    /** An owner whose call is being served is alive, however long that takes. */
    synchronized boolean leaseExpired(long now) {
        return state == OwnerState.LIVE && fencing == NONE && now - lastHeartbeat > leaseNanos;
    }

    synchronized long silentMillis(long now) {
        return TimeUnit.NANOSECONDS.toMillis(now - lastHeartbeat);
    }

    /** Asks the owner to settle, if it was not asked since it last did. */
    synchronized long requestSettle() {
        if (settled == settleRequested) {
            settleRequested++;
        }
        return settleRequested;
    }

    synchronized boolean hasSettled(long request) {
        return settled >= request;
    }

    synchronized int add(Connection connection) {
        requireLive();
        // An owner that replaces a broken data connection leaves our end of the old one behind.
        connections.entrySet().removeIf(entry -> entry.getKey() != fencing && releaseIfBroken(entry.getValue()));
        connections.put(++lastConnection, connection);
        lastHeartbeat = System.nanoTime();
        return lastConnection;
    }

    private static boolean releaseIfBroken(Connection connection) {
        if (connection.state() == ConnectionState.CONNECTED) {
            return false;
        }
        connection.close();
        return true;
    }

    /**
     * Fences one connection.
     *
     * @throws OperationTimeout if it does not come to rest; to be repeated
     */
    void fence(int connection, long timeoutNanos) {
        fences.lock();
        try {
            Connection end = beginFence(connection);
            if (end == null) {
                return; // broken and released already: nothing of it executes any more
            }
            try {
                end.fence(timeoutNanos);
                end.close();
                forget(connection);
            } finally {
                endFence();
            }
        } finally {
            fences.unlock();
        }
    }

    private synchronized @Nullable Connection beginFence(int connection) {
        Connection end = connections.get(connection);
        if (end == null && (connection < 1 || connection > lastConnection)) {
            throw new InvalidRequest("the session has no such connection", "connection", connection);
        }
        fencing = end == null ? NONE : connection;
        return end;
    }

    private synchronized void forget(int connection) {
        connections.remove(connection);
    }

    private synchronized void endFence() {
        fencing = NONE;
        lastHeartbeat = System.nanoTime();
    }

    /**
     * Fences all connections; of an owner that is not live any more, so that none is added meanwhile.
     *
     * @throws OperationTimeout if one does not come to rest; to be repeated
     */
    void fenceAll(long timeoutNanos) {
        fences.lock();
        try {
            List<Connection> ends = ends();
            for (Connection connection : ends) {
                connection.fence(timeoutNanos);
            }
            ends.forEach(Connection::close);
            forgetAll();
        } finally {
            fences.unlock();
        }
    }

    private synchronized List<Connection> ends() {
        return List.copyOf(connections.values());
    }

    private synchronized void forgetAll() {
        connections.clear();
    }

    @Override
    public String toString() {
        return "owner " + id + " (" + peerName + ")";
    }
}
