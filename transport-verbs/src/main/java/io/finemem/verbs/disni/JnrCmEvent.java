package io.finemem.verbs.disni;

import com.ibm.disni.verbs.RdmaCmEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A connection event, a copy of the native one, which is acknowledged before this is handed out. Unlike DiSNI's it has the
 * status and, in {@link #getConn}, the peer's {@link ConnectionParameters} with its private data.
 */
public final class JnrCmEvent extends RdmaCmEvent {

    JnrCmEvent(int event, int status, @Nullable JnrCmId listener, @Nullable JnrCmId id, ConnectionParameters parameters)
            throws IOException {
        super(event, listener, id);
        this.status = status;
        this.conn = parameters;
    }

    /** Whether the attempt to resolve or to connect has failed for good with this event. */
    boolean isFailure() {
        return switch (type()) {
            case RDMA_CM_EVENT_ADDR_ERROR,
                    RDMA_CM_EVENT_ROUTE_ERROR,
                    RDMA_CM_EVENT_CONNECT_ERROR,
                    RDMA_CM_EVENT_UNREACHABLE,
                    RDMA_CM_EVENT_REJECTED,
                    RDMA_CM_EVENT_DEVICE_REMOVAL -> true;
            case RDMA_CM_EVENT_ADDR_RESOLVED,
                    RDMA_CM_EVENT_ROUTE_RESOLVED,
                    RDMA_CM_EVENT_CONNECT_REQUEST,
                    RDMA_CM_EVENT_CONNECT_RESPONSE,
                    RDMA_CM_EVENT_ESTABLISHED,
                    RDMA_CM_EVENT_DISCONNECTED,
                    RDMA_CM_EVENT_MULTICAST_JOIN,
                    RDMA_CM_EVENT_MULTICAST_ERROR,
                    RDMA_CM_EVENT_ADDR_CHANGE,
                    RDMA_CM_EVENT_TIMEWAIT_EXIT -> false;
        };
    }

    /** Whether a connection is made, or was made and has ended since. */
    boolean isEndOfConnecting() {
        return type() == EventType.RDMA_CM_EVENT_ESTABLISHED || type() == EventType.RDMA_CM_EVENT_DISCONNECTED;
    }

    /** The type by name. */
    public EventType type() {
        return EventType.values()[event];
    }

    /** The parameters of the peer. */
    @Override
    public ConnectionParameters getConn() {
        return (ConnectionParameters) conn;
    }
}
