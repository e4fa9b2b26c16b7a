package io.finemem.verbs.ffi;

/**
 * {@code struct rdma_cm_event} of a connected service, made by librdmacm; valid until it is acknowledged.
 *
 * <pre>
 *  0    8           16      20       24                     48          80
 *  +----+-----------+-------+--------+----------------------+-----------+
 *  |id 8|listen_id 8|event 4|status 4|connection parameters |     .     |
 *  +----+-----------+-------+--------+----------------------+-----------+
 * </pre>
 */
public final class RdmaEventFields {
    private static final int ID = 0;
    private static final int LISTENER = ID + Long.BYTES;
    private static final int EVENT = LISTENER + Long.BYTES;
    private static final int STATUS = EVENT + Integer.BYTES;
    private static final int CONNECTION = STATUS + Integer.BYTES;

    private RdmaEventFields() {}

    /** The {@code rdma_cm_id*} the event is about. */
    public static long id(long event) {
        return NativeMemory.getLong(event + ID);
    }

    /** The {@code rdma_cm_id*} that a connection request came to, else 0. */
    public static long listener(long event) {
        return NativeMemory.getLong(event + LISTENER);
    }

    /** The {@code rdma_cm_event_type}. */
    public static int type(long event) {
        return NativeMemory.getInt(event + EVENT);
    }

    /** 0, a negated error number, or the reason of a rejection. */
    public static int status(long event) {
        return NativeMemory.getInt(event + STATUS);
    }

    /** Address of the {@link RdmaConnectionFields}: what the peer sent. */
    public static long connection(long event) {
        return event + CONNECTION;
    }
}
