package io.finemem.verbs.ffi;

/**
 * {@code struct rdma_conn_param}: argument of connect and accept, and part of events.
 *
 * <pre>
 *  0        8    9           10         11      12     13         14    16     20  24
 *  +--------+----+-----------+----------+-------+------+----------+-----+------+---+
 *  | data 8 |len |responder 1|initiator |flow 1 |retry |rnr_retry |srq .|qp_num| . |
 *  +--------+----+-----------+----------+-------+------+----------+-----+------+---+
 * </pre>
 */
public final class RdmaConnectionFields {
    private static final int PRIVATE_DATA = 0;
    private static final int PRIVATE_DATA_LENGTH = PRIVATE_DATA + Long.BYTES;
    private static final int RESPONDER_RESOURCES = PRIVATE_DATA_LENGTH + 1;
    private static final int INITIATOR_DEPTH = RESPONDER_RESOURCES + 1;
    private static final int FLOW_CONTROL = INITIATOR_DEPTH + 1;
    private static final int RETRY_COUNT = FLOW_CONTROL + 1;
    private static final int RNR_RETRY_COUNT = RETRY_COUNT + 1;
    private static final int SHARED_QUEUE = RNR_RETRY_COUNT + 1;
    private static final int QP_NUMBER = SHARED_QUEUE + 2;

    /** Size of the structure. */
    public static final int BYTES = QP_NUMBER + Long.BYTES;

    private RdmaConnectionFields() {}

    /** Data for the peer, 0 to 255 bytes. */
    public static void setPrivateData(long parameters, long data, int length) {
        NativeMemory.putLong(parameters + PRIVATE_DATA, data);
        NativeMemory.putByte(parameters + PRIVATE_DATA_LENGTH, length);
    }

    /** READs and atomics under way: those of the peer that this side serves, and those of this side. */
    public static void setDepths(long parameters, int responderResources, int initiatorDepth) {
        NativeMemory.putByte(parameters + RESPONDER_RESOURCES, responderResources);
        NativeMemory.putByte(parameters + INITIATOR_DEPTH, initiatorDepth);
    }

    /** Repetitions, 0 to 7: without an answer, and at a peer that is not ready (7 for ever). */
    public static void setRetries(long parameters, int retryCount, int rnrRetryCount) {
        NativeMemory.putByte(parameters + RETRY_COUNT, retryCount);
        NativeMemory.putByte(parameters + RNR_RETRY_COUNT, rnrRetryCount);
    }

    /** Whether the device has flow control; the peer is told. */
    public static void setFlowControl(long parameters, int flowControl) {
        NativeMemory.putByte(parameters + FLOW_CONTROL, flowControl);
    }

    /** Address of the private data, or 0. */
    public static long privateData(long parameters) {
        return NativeMemory.getLong(parameters + PRIVATE_DATA);
    }

    /** Bytes of private data, padded by the wire with zeroes. */
    public static int privateDataLength(long parameters) {
        return NativeMemory.getByte(parameters + PRIVATE_DATA_LENGTH) & 0xff;
    }

    /** READs and atomics of the peer that this side is to serve. */
    public static byte responderResources(long parameters) {
        return NativeMemory.getByte(parameters + RESPONDER_RESOURCES);
    }

    /** READs and atomics that this side may have under way. */
    public static byte initiatorDepth(long parameters) {
        return NativeMemory.getByte(parameters + INITIATOR_DEPTH);
    }

    /** Whether the peer has flow control. */
    public static byte flowControl(long parameters) {
        return NativeMemory.getByte(parameters + FLOW_CONTROL);
    }

    /** Repetitions without an answer. */
    public static byte retryCount(long parameters) {
        return NativeMemory.getByte(parameters + RETRY_COUNT);
    }

    /** Repetitions at a peer that is not ready. */
    public static byte rnrRetryCount(long parameters) {
        return NativeMemory.getByte(parameters + RNR_RETRY_COUNT);
    }
}
