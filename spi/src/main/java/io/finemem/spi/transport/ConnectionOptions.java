package io.finemem.spi.transport;

import java.util.Set;

/**
 * How a connection is made.
 *
 * @param peerName who is at the other end, for logs
 * @param maxElementsInFlight room for elements posted and not completed, 1 or more; the transport may give more
 * @param servedAccess what the peer may do with memory of this side's domain through this connection
 */
public record ConnectionOptions(String peerName, int maxElementsInFlight, Set<Access> servedAccess) {

    /** Room for 64 elements, all kinds of remote access. */
    public static ConnectionOptions of(String peerName) {
        return new ConnectionOptions(
                peerName, 64, Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC));
    }

    /** Checks the ranges and takes a copy of the set. */
    public ConnectionOptions {
        if (maxElementsInFlight < 1) {
            throw new IllegalArgumentException("maxElementsInFlight must be 1 or more: " + maxElementsInFlight);
        }
        servedAccess = Set.copyOf(servedAccess);
    }

    /** The same with another room. */
    public ConnectionOptions withMaxElementsInFlight(int elements) {
        return new ConnectionOptions(peerName, elements, servedAccess);
    }

    /** The same with other rights for the peer. */
    public ConnectionOptions withServedAccess(Set<Access> access) {
        return new ConnectionOptions(peerName, maxElementsInFlight, access);
    }
}
