package io.finemem.verbs.disni;

import com.ibm.disni.verbs.RdmaCmEvent.EventType;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.RdmaConnectionFields;
import io.finemem.verbs.ffi.RdmaEventFields;
import io.finemem.verbs.ffi.RdmaIdFields;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Takes native events off a channel, copies them and keeps the channel's ids up to date. */
final class CmEvents {
    private final CmCalls calls;
    private final JnrContexts contexts;

    CmEvents(CmCalls calls, JnrContexts contexts) {
        this.calls = calls;
        this.contexts = contexts;
    }

    JnrCmId newId(JnrEventChannel channel, long nativeId, int portSpace) throws IOException {
        return new JnrCmId(contexts, channel, nativeId, portSpace, null);
    }

    /** The next event, or null if there is none within the time. */
    @Nullable
    JnrCmEvent next(JnrEventChannel channel, int timeoutMillis) throws IOException {
        channel.polledByThisThread();
        JnrCmEvent owed = channel.nextFollowUp();
        if (owed != null) {
            return owed;
        }
        long nativeEvent = calls.takeEvent(channel, timeoutMillis);
        if (nativeEvent == 0) {
            return null;
        }
        JnrCmEvent event;
        try {
            event = copy(channel, nativeEvent);
        } finally {
            // Before the event is handed out: destroying an id waits for the acknowledgement of all its events.
            calls.acknowledge(nativeEvent);
        }
        JnrCmId id = (JnrCmId) event.getConnIdPriv();
        if (id != null) {
            announce(channel, id, event);
        }
        return event;
    }

    private static void announce(JnrEventChannel channel, JnrCmId id, JnrCmEvent event) throws IOException {
        id.observe(event);
        if (channel.servesEndpoints() && event.isFailure()) {
            int disconnected = EventType.RDMA_CM_EVENT_DISCONNECTED.ordinal();
            channel.followUp(new JnrCmEvent(disconnected, event.getStatus(), null, id, new ConnectionParameters()));
        }
    }

    private JnrCmEvent copy(JnrEventChannel channel, long nativeEvent) throws IOException {
        int type = RdmaEventFields.type(nativeEvent);
        int status = RdmaEventFields.status(nativeEvent);
        long nativeId = RdmaEventFields.id(nativeEvent);
        JnrCmId listener = channel.id(RdmaEventFields.listener(nativeEvent));
        ConnectionParameters parameters = parameters(RdmaEventFields.connection(nativeEvent));
        JnrCmId id = type == EventType.RDMA_CM_EVENT_CONNECT_REQUEST.ordinal()
                ? requested(channel, nativeId, parameters)
                : channel.id(nativeId);
        return new JnrCmEvent(type, status, listener, id, parameters);
    }

    private JnrCmId requested(JnrEventChannel channel, long nativeId, ConnectionParameters request) throws IOException {
        int portSpace = RdmaIdFields.portSpace(nativeId);
        JnrCmId id = new JnrCmId(contexts, channel, nativeId, portSpace, request);
        channel.add(id);
        return id;
    }

    private static ConnectionParameters parameters(long struct) throws IOException {
        ConnectionParameters parameters = new ConnectionParameters();
        parameters.setResponder_resources(RdmaConnectionFields.responderResources(struct));
        parameters.setInitiator_depth(RdmaConnectionFields.initiatorDepth(struct));
        parameters.setFlow_control(RdmaConnectionFields.flowControl(struct));
        parameters.setRetry_count(RdmaConnectionFields.retryCount(struct));
        parameters.setRnr_retry_count(RdmaConnectionFields.rnrRetryCount(struct));
        long data = RdmaConnectionFields.privateData(struct);
        byte[] bytes = new byte[data == 0 ? 0 : RdmaConnectionFields.privateDataLength(struct)];
        NativeMemory.get(data, bytes, 0, bytes.length);
        return parameters.privateData(ByteBuffer.wrap(bytes));
    }
}
