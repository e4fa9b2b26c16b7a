package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.ResumeToken;
import io.finemem.api.AuthenticationFailed;
import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OwnerFenced;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    /** The first session of an owner; the next ones count on. */
    static final int FIRST = 1;

    private static final int NONE = 0;

    private final int id;
    private final String peerName;
    private final long leaseNanos;
    /** None: the owner ends with its session. */
    private final @Nullable ResumeToken token;

    private final Map<Integer, Connection> connections = new HashMap<>();
    private final Set<Integer> metadataConnections = new HashSet<>();
    /** Held during a fence, and taken before the monitor of this object. */
    private final Lock fences = new ReentrantLock();
    /** The connection that is being fenced for the owner. */
    private int fencing = NONE;

    private OwnerState state = OwnerState.LIVE;
    private int incarnation = FIRST;
    private int lastConnection;
    private long lastHeartbeat;
    private boolean asked;
    private long askedAt;
    private long settleRequested;
    private long settled;

    OwnerRecord(int id, String peerName, long leaseNanos, long now, @Nullable ResumeToken token) {
        this.id = id;
        this.peerName = peerName;
        this.leaseNanos = leaseNanos;
        this.lastHeartbeat = now;
        this.token = token;
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

    /** From live or awaited to being fenced; whether it was so. */
    synchronized boolean die() {
        boolean live = state == OwnerState.LIVE || state == OwnerState.AWAITED;
        state = live ? OwnerState.FENCING : state;
        return live;
    }

    synchronized void setState(OwnerState next) {
        state = next;
    }

    /** The owner lives, and the session of this incarnation may go on with it. */
    synchronized void requireLive(int session) {
        if (session != incarnation) {
            throw new OwnerFenced("another session has resumed the owner: this one has lost it", "owner", id);
        }
        if (state != OwnerState.LIVE) {
            throw new OwnerFenced("the owner was declared dead by the memory node: rejoin under a new id", "owner", id);
        }
    }

    /** Does something that must not happen after the owner was declared dead: its recovery sees all of it. */
    synchronized <T> T whileLive(int session, Supplier<T> action) {
        requireLive(session);
        return action.get();
    }

    synchronized long heartbeat(int session, long answered, long now) {
        requireLive(session);
        lastHeartbeat = now;
        settled = Math.max(settled, Math.min(answered, settleRequested));
        return settleRequested;
    }

    /** An owner whose call is being served is alive, however long that takes. */
    synchronized boolean leaseExpired(long now) {
        boolean runs = state == OwnerState.LIVE || state == OwnerState.AWAITED;
        long silent = now - lastHeartbeat;
        return runs && fencing == NONE && (silent > leaseNanos || asked() && now - askedAt > leaseNanos / 2);
    }

    /** The memory node did not listen for so long: that is no silence of the owner. */
    synchronized void excuseSilence(long nanos, long now) {
        boolean wasAsked = asked();
        lastHeartbeat += Math.min(nanos, Math.max(0, now - lastHeartbeat));
        if (wasAsked) {
            askedAt = Math.max(lastHeartbeat, askedAt + nanos);
        }
    }

    /** From now on, half a lease without a heartbeat ends it, unless it waits for another session. */
    synchronized void askForLife(long now) {
        if (state == OwnerState.LIVE && !asked()) {
            asked = true;
            askedAt = now;
        }
    }

    /** Whether it was asked for a sign of life and has given none. */
    synchronized boolean asked() {
        asked = asked && state != OwnerState.AWAITED && lastHeartbeat - askedAt <= 0;
        return asked;
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

    /** Asks the owner to settle once more, whatever it was asked before. */
    synchronized long requestSettleAnew() {
        return ++settleRequested;
    }

    synchronized boolean hasSettled(long request) {
        return settled >= request;
    }

    synchronized int add(int session, ConnectionPurpose purpose, Connection connection) {
        requireLive(session);
        // An owner that replaces a broken data connection leaves our end of the old one behind.
        connections.entrySet().removeIf(entry -> entry.getKey() != fencing && releaseIfBroken(entry.getValue()));
        connections.put(++lastConnection, connection);
        metadataConnections.retainAll(connections.keySet());
        if (purpose == ConnectionPurpose.METADATA) {
            metadataConnections.add(lastConnection);
        }
        lastHeartbeat = System.nanoTime();
        return lastConnection;
    }

    /** What the end of a session means for its owner. */
    enum Ending {
        /** Nothing: another session has it, or it was declared dead. */
        NONE,
        /** It is to be declared dead. */
        DEAD,
        /** It waits for another session until its lease ends; its metadata connections are to be fenced. */
        AWAITED
    }

    /** The session of this incarnation has ended. */
    synchronized Ending endSession(int session) {
        if (session != incarnation || state != OwnerState.LIVE) {
            return Ending.NONE;
        }
        if (token == null) {
            return Ending.DEAD;
        }
        state = OwnerState.AWAITED;
        return Ending.AWAITED;
    }

    /** Takes the owner from whichever session has it; gives the incarnation of the new one, which may go on after {@link #endResume}. */
    synchronized int beginResume(ResumeToken shown, long now) {
        if (token == null || !token.equals(shown)) {
            throw new AuthenticationFailed("the resume token is not that of the owner", "owner", id);
        }
        if (state != OwnerState.LIVE && state != OwnerState.AWAITED) {
            throw new OwnerFenced(
                    "the owner was declared dead before it was resumed: rejoin under a new id", "owner", id);
        }
        state = OwnerState.AWAITED;
        lastHeartbeat = now;
        return ++incarnation;
    }

    /** The session of this incarnation goes on with the owner, if nobody else has taken it and it lives. */
    synchronized void endResume(int session, long now) {
        if (session == incarnation && state == OwnerState.AWAITED) {
            state = OwnerState.LIVE;
            lastHeartbeat = now;
        }
        requireLive(session);
    }

    /**
     * Fences the metadata connections of an owner that is awaited.
     *
     * @throws OperationTimeout if one does not come to rest; to be repeated
     */
    void fenceMetadata(long timeoutNanos) {
        fences.lock();
        try {
            Map<Integer, Connection> ends = metadataEndsOfAwaited();
            for (Connection connection : ends.values()) {
                connection.fence(timeoutNanos);
            }
            ends.values().forEach(Connection::close);
            ends.keySet().forEach(this::forget);
        } finally {
            fences.unlock();
        }
    }

    /** Those of a session that has resumed the owner meanwhile are none of them. */
    private synchronized Map<Integer, Connection> metadataEndsOfAwaited() {
        Map<Integer, Connection> ends = new HashMap<>();
        if (state == OwnerState.AWAITED) {
            ends.putAll(connections);
            ends.keySet().retainAll(metadataConnections);
        }
        return ends;
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
        metadataConnections.remove(connection);
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
        metadataConnections.clear();
    }

    @Override
    public String toString() {
        return "owner " + id + " (" + peerName + ")";
    }
}
