package io.finemem.runtime.control;

import java.time.Duration;

/**
 * Time limits of a client of the control channel.
 *
 * @param connect for TCP connection, handshake and opening of the session together
 * @param call for one call, audit included
 * @param heartbeat a client that has nothing to say says so this often; a shorter time that the memory node asks for
 *     wins
 */
public record ControlTimeouts(Duration connect, Duration call, Duration heartbeat) {}
