package io.finemem.runtime.control;

import java.time.Duration;

/**
 * What a memory node grants to its control connections.
 *
 * @param maxSessions authenticated peers at a time, 1 or more
 * @param maxHandshakes connections that are not authenticated yet, 1 or more; one more and the oldest of them is
 *     dropped
 * @param handshakeTimeout for the whole handshake, however slowly the bytes come
 * @param peerTimeout a peer that is silent for longer is taken for dead, and its owner is fenced
 */
public record ControlLimits(int maxSessions, int maxHandshakes, Duration handshakeTimeout, Duration peerTimeout) {}
