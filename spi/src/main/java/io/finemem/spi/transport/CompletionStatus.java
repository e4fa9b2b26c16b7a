package io.finemem.spi.transport;

/** Where a chain stands. */
public enum CompletionStatus {
    /** Not posted since it was created or cleared. */
    IDLE,
    /** Posted, not completed. */
    IN_FLIGHT,
    /** All elements executed; results can be read. */
    SUCCESS,
    /** The responder refused an access: bad rkey, domain, permission or range. */
    REMOTE_ACCESS_ERROR,
    /** The responder refused a request for another reason, such as an unaligned atomic. */
    REMOTE_OPERATION_ERROR,
    /** The peer did not answer within the retry time. */
    PEER_UNREACHABLE,
    /** A window could not be bound: the region does not allow it, or the range leaves it. */
    WINDOW_BIND_ERROR,
    /** The local side refused the request while it was being executed. */
    LOCAL_ERROR,
    /** The connection was in error, or closed, before the chain completed. */
    FLUSHED;

    /** Completed, one way or the other. */
    public boolean completed() {
        return this != IDLE && this != IN_FLIGHT;
    }
}
