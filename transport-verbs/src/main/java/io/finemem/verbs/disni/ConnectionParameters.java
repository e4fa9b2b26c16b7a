package io.finemem.verbs.disni;

import com.ibm.disni.verbs.RdmaConnParam;
import io.finemem.verbs.ffi.NativeMemory;
import io.finemem.verbs.ffi.RdmaConnectionFields;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * DiSNI's parameters of connect and accept with the fields that DiSNI cannot set: depths, and private data that stays
 * reachable as long as this object. Events carry one too: there the depths and the private data are the peer's.
 *
 * <p>A plain {@link RdmaConnParam} means: depths {@link #DEPTH} (or less if device or peer have less), a retry count of 0
 * taken as {@link #RETRIES}, the receiver-not-ready count as it is.
 *
 * <p><b>Thread-safety.</b> None.
 */
public final class ConnectionParameters extends RdmaConnParam {
    /** Default of both depths. */
    public static final int DEPTH = 16;
    /** Most transport retries that verbs know. */
    public static final byte RETRIES = 7;
    /** Most private data of a connect in bytes (an accept takes 196). */
    public static final int MAX_CONNECT_DATA = 56;

    private static final int MAX_DATA = 255;
    private static final ByteBuffer NO_DATA = ByteBuffer.allocateDirect(0).asReadOnlyBuffer();

    private @Nullable ByteBuffer data;

    /** Depths {@link #DEPTH}, {@link #RETRIES} transport retries, no retry while the receiver is not ready, no data. */
    public ConnectionParameters() {
        responder_resources = DEPTH;
        initiator_depth = DEPTH;
        retry_count = RETRIES;
    }

    /** READs and atomics that the peer may have outstanding towards this side, 0 to 255. */
    @Override
    public void setResponder_resources(byte resources) {
        responder_resources = resources;
    }

    /** READs and atomics that this side may have outstanding, 0 to 255. */
    @Override
    public void setInitiator_depth(byte depth) {
        initiator_depth = depth;
    }

    /** Whether the device has hardware flow control; told to the peer only. */
    @Override
    public void setFlow_control(byte control) {
        flow_control = control;
    }

    /** Copies the bytes between position and limit, 0 to 255 of them, as private data. */
    public ConnectionParameters privateData(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length > MAX_DATA) {
            throw new IllegalArgumentException("private data has " + length + " bytes, at most 255 fit");
        }
        ByteBuffer copy = ByteBuffer.allocateDirect(length);
        copy.put(bytes.duplicate()).flip();
        data = copy;
        private_data_addr = length == 0 ? 0 : NativeMemory.addressOf(copy);
        private_data_len = (byte) length;
        return this;
    }

    /** The private data, read-only; in events padded with zeroes to what the wire carries. Empty if there is none. */
    public ByteBuffer privateData() {
        ByteBuffer bytes = data;
        return bytes == null ? NO_DATA.duplicate() : bytes.asReadOnlyBuffer();
    }

    /**
     * Writes the native form.
     *
     * @param request what the peer asked for, when accepting
     * @param limits of the device, if it is known
     */
    static void write(
            long struct,
            RdmaConnParam parameters,
            @Nullable ConnectionParameters request,
            @Nullable DeviceLimits limits) {
        boolean explicit = parameters instanceof ConnectionParameters;
        int responder = parameters.getResponder_resources();
        int initiator = parameters.getInitiator_depth();
        if (!explicit) {
            responder = depth(
                    request == null ? DEPTH : request.responder_resources & 0xff,
                    limits == null ? DEPTH : limits.readsIn());
            initiator = depth(
                    request == null ? DEPTH : request.initiator_depth & 0xff,
                    limits == null ? DEPTH : limits.readsOut());
        }
        int retries = parameters.getRetry_count();
        RdmaConnectionFields.setDepths(struct, responder, initiator);
        RdmaConnectionFields.setRetries(
                struct, retries == 0 && !explicit ? RETRIES : retries, parameters.getRnr_retry_count());
        RdmaConnectionFields.setFlowControl(struct, parameters.getFlow_control());
        RdmaConnectionFields.setPrivateData(struct, parameters.getPrivate_data(), parameters.getPrivate_data_len());
    }

    private static int depth(int peer, int device) {
        return Math.min(DEPTH, Math.min(peer, device));
    }
}
