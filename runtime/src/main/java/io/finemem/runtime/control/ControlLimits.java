package io.finemem.runtime.control;

import java.time.Duration;

/**
 * What a memory node grants to its control connections.
 *
 * @param maxSessions authenticated peers at a time, 1 or more
 * @param maxHandshakes connections that are not authenticated yet, 1 or more; one more and the oldest of those from the
 *     address with the most is dropped
 * @param maxRate connections per second of one address, 1 or more, and as many at once; more are refused unheard
 * @param handshakeTimeout for the whole handshake, however slowly the bytes come
 * @param peerTimeout a peer that is silent for longer is taken for dead, and its owner is fenced
 */
public record ControlLimits(
        int maxSessions, int maxHandshakes, int maxRate, Duration handshakeTimeout, Duration peerTimeout) {
    /** Connections per second of one address if nothing else is said. */
    public static final int DEFAULT_RATE = 100;

    /** Limits with {@link #DEFAULT_RATE}. */
    public ControlLimits(int maxSessions, int maxHandshakes, Duration handshakeTimeout, Duration peerTimeout) {
        this(maxSessions, maxHandshakes, DEFAULT_RATE, handshakeTimeout, peerTimeout);
    }
}
