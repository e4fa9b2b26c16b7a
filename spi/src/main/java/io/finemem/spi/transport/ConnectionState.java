package io.finemem.spi.transport;

/** Life of a connection. */
public enum ConnectionState {
    /** Made, not yet connected to a peer. */
    CREATED,
    /** Chains can be posted. */
    CONNECTED,
    /** An operation failed or the peer cut it off: nothing executes any more. */
    ERROR,
    /** Fenced or closed by this side. */
    CLOSED
}
