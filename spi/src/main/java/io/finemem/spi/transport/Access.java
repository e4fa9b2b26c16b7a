package io.finemem.spi.transport;

/** What a peer may do with a region or a window, and what may be done to the region itself. */
public enum Access {
    /** READ. */
    REMOTE_READ,
    /** WRITE. */
    REMOTE_WRITE,
    /** CAS and FETCH_ADD. */
    REMOTE_ATOMIC,
    /** Windows may be bound to the region. */
    WINDOW_BIND
}
