package io.finemem.allocator.memorynode;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An owner as the memory node knows it: its state, its lease, the node's ends of its connections.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread.
 */
final class OwnerRecord {
    private final int id;
    private final String peerName;
    private final long leaseNanos;
    private final Map<Integer, Connection> connections = new HashMap<>();
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

    synchronized long heartbeat(long answered, long now) {
        requireLive();
        lastHeartbeat = now;
        settled = Math.max(settled, Math.min(answered, settleRequested));
        return settleRequested;
    }

    synchronized boolean leaseExpired(long now) {
        return state == OwnerState.LIVE && now - lastHeartbeat > leaseNanos;
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
        connections.values().removeIf(OwnerRecord::releaseIfBroken);
        connections.put(++lastConnection, connection);
        return lastConnection;
    }

    private static boolean releaseIfBroken(Connection connection) {
        if (connection.state() == ConnectionState.CONNECTED) {
            return false;
        }
        connection.close();
        return true;
    }

    synchronized void fence(int connection, long timeoutNanos) {
        Connection end = connections.get(connection);
        if (end == null) {
            if (connection >= 1 && connection <= lastConnection) {
                return; // broken and released already: nothing of it executes any more
            }
            throw new InvalidRequest("the session has no such connection", "connection", connection);
        }
        end.fence(timeoutNanos);
        end.close();
        connections.remove(connection);
    }

    /**
     * Fences all connections.
     *
     * @throws OperationTimeout if one does not come to rest; to be repeated
     */
    synchronized void fenceAll(long timeoutNanos) {
        for (Connection connection : connections.values()) {
            connection.fence(timeoutNanos);
        }
        connections.values().forEach(Connection::close);
        connections.clear();
    }

    @Override
    public String toString() {
        return "owner " + id + " (" + peerName + ")";
    }
}
