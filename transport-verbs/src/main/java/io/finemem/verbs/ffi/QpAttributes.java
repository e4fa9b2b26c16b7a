package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_qp_attr}, with {@code struct ibv_ah_attr} inside. 4-byte fields unless a width is given.
 * <pre>
 *   0      4      8     12     16    20      24      28    32      36       56
 *  +------+------+-----+------+-----+-------+-------+-----+-------+--------+
 *  |state |cur   |mtu  |mig   |qkey |rq_psn |sq_psn |dest |access |cap 20  |
 *  +------+------+-----+------+-----+-------+-------+-----+-------+--------+
 *   56       72     76           77          78       80     82   83         84      85          86      87  88
 *  +--------+------+------------+-----------+--------+------+----+----------+-------+-----------+-------+---+
 *  |dgid 16 |flow  |sgid_index 1|hop_limit 1|class 1.|dlid 2|sl 1|src_bits 1|rate 1 |is_global 1|port 1 | . |
 *  +--------+------+------------+-----------+--------+------+----+----------+-------+-----------+-------+---+
 *   88       120    122      124     125        126      127       128     129    130       131     132
 *  +--------+------+--------+-------+----------+--------+---------+-------+------+---------+-------+
 *  |alt 32  |pkey 2|altpk 2 |drain 1|draining 1|rd_at 1 |drd_at 1 |rnr_t 1|port 1|timeout 1|retry 1| ...
 *  +--------+------+--------+-------+----------+--------+---------+-------+------+---------+-------+
 *   132          133          134            136          140 144
 *  +------------+------------+--------------+------------+---+
 *  |rnr_retry 1 |alt_port 1  |alt_timeout 1.|rate_limit  | . |
 *  +------------+------------+--------------+------------+---+
 * </pre>
 */
public final class QpAttributes {
    /** Size of the structure. */
    public static final int BYTES = 144;
    /** Bytes of a GID. */
    public static final int GID_BYTES = 16;

    /** State: just made. */
    public static final int STATE_RESET = 0;
    /** State: initialised. */
    public static final int STATE_INIT = 1;
    /** State: ready to receive, serves the peer. */
    public static final int STATE_READY_TO_RECEIVE = 2;
    /** State: ready to send. */
    public static final int STATE_READY_TO_SEND = 3;
    /** State: nothing executes any more. */
    public static final int STATE_ERROR = 6;

    /** Mask bit of the state. */
    public static final int MASK_STATE = 1;

    private static final int MASK_ACCESS = 1 << 3;
    private static final int MASK_PKEY_INDEX = 1 << 4;
    private static final int MASK_PORT = 1 << 5;
    private static final int MASK_ADDRESS = 1 << 7;
    private static final int MASK_MTU = 1 << 8;
    private static final int MASK_TIMEOUT = 1 << 9;
    private static final int MASK_RETRY_COUNT = 1 << 10;
    private static final int MASK_RNR_RETRY = 1 << 11;
    private static final int MASK_RECEIVE_PSN = 1 << 12;
    private static final int MASK_MAX_READS_OUT = 1 << 13;
    private static final int MASK_MIN_RNR_TIMER = 1 << 15;
    private static final int MASK_SEND_PSN = 1 << 16;
    private static final int MASK_MAX_READS_IN = 1 << 17;
    private static final int MASK_DESTINATION = 1 << 20;
    /** What RESET to INIT of a reliable connection needs. */
    public static final int MASK_INIT = MASK_STATE | MASK_PKEY_INDEX | MASK_PORT | MASK_ACCESS;
    /** What INIT to ready-to-receive needs. */
    public static final int MASK_READY_TO_RECEIVE = MASK_STATE
            | MASK_ADDRESS
            | MASK_MTU
            | MASK_DESTINATION
            | MASK_RECEIVE_PSN
            | MASK_MAX_READS_IN
            | MASK_MIN_RNR_TIMER;
    /** What ready-to-receive to ready-to-send needs. */
    public static final int MASK_READY_TO_SEND =
            MASK_STATE | MASK_TIMEOUT | MASK_RETRY_COUNT | MASK_RNR_RETRY | MASK_SEND_PSN | MASK_MAX_READS_OUT;

    private static final int CAPACITY_BYTES = 5 * Integer.BYTES;
    private static final int STATE = 0;
    private static final int CURRENT_STATE = STATE + Integer.BYTES;
    private static final int MTU = CURRENT_STATE + Integer.BYTES;
    private static final int MIGRATION = MTU + Integer.BYTES;
    private static final int QKEY = MIGRATION + Integer.BYTES;
    private static final int RECEIVE_PSN = QKEY + Integer.BYTES;
    private static final int SEND_PSN = RECEIVE_PSN + Integer.BYTES;
    private static final int DESTINATION = SEND_PSN + Integer.BYTES;
    private static final int ACCESS = DESTINATION + Integer.BYTES;
    private static final int CAPACITY = ACCESS + Integer.BYTES;
    private static final int DESTINATION_GID = CAPACITY + CAPACITY_BYTES;
    private static final int FLOW_LABEL = DESTINATION_GID + GID_BYTES;
    private static final int SOURCE_GID_INDEX = FLOW_LABEL + Integer.BYTES;
    private static final int HOP_LIMIT = SOURCE_GID_INDEX + 1;
    private static final int TRAFFIC_CLASS = HOP_LIMIT + 1;
    private static final int DESTINATION_LID = TRAFFIC_CLASS + 2;
    private static final int SERVICE_LEVEL = DESTINATION_LID + Short.BYTES;
    private static final int SOURCE_PATH_BITS = SERVICE_LEVEL + 1;
    private static final int STATIC_RATE = SOURCE_PATH_BITS + 1;
    private static final int IS_GLOBAL = STATIC_RATE + 1;
    private static final int ADDRESS_PORT = IS_GLOBAL + 1;
    private static final int ADDRESS_BYTES = ADDRESS_PORT + 2 - DESTINATION_GID;
    private static final int ALTERNATE_ADDRESS = DESTINATION_GID + ADDRESS_BYTES;
    private static final int PKEY_INDEX = ALTERNATE_ADDRESS + ADDRESS_BYTES;
    private static final int ALTERNATE_PKEY_INDEX = PKEY_INDEX + Short.BYTES;
    private static final int DRAIN_EVENT = ALTERNATE_PKEY_INDEX + Short.BYTES;
    private static final int DRAINING = DRAIN_EVENT + 1;
    private static final int MAX_READS_OUT = DRAINING + 1;
    private static final int MAX_READS_IN = MAX_READS_OUT + 1;
    private static final int MIN_RNR_TIMER = MAX_READS_IN + 1;
    private static final int PORT = MIN_RNR_TIMER + 1;
    private static final int TIMEOUT = PORT + 1;
    private static final int RETRY_COUNT = TIMEOUT + 1;
    private static final int RNR_RETRY = RETRY_COUNT + 1;

    private QpAttributes() {}

    /** The state to go to. */
    public static void setState(long attributes, int state) {
        NativeMemory.putInt(attributes + STATE, state);
    }

    /** The state that was queried. */
    public static int state(long attributes) {
        return NativeMemory.getInt(attributes + STATE);
    }

    /** For {@link #MASK_INIT}: the port, and what the peer may do ({@link AccessFlags}). Partition key index 0. */
    public static void setInit(long attributes, int port, int access) {
        setState(attributes, STATE_INIT);
        NativeMemory.putShort(attributes + PKEY_INDEX, 0);
        NativeMemory.putByte(attributes + PORT, port);
        NativeMemory.putInt(attributes + ACCESS, access);
    }

    /** The partition key by its index at the port. */
    public static void setPartitionKeyIndex(long attributes, int index) {
        NativeMemory.putShort(attributes + PKEY_INDEX, index);
    }

    /**
     * For {@link #MASK_READY_TO_RECEIVE}, together with {@link #setGlobalRoute} and {@link #setLocalRoute}.
     *
     * @param mtu 1 to 5 for 256 to 4096 bytes
     * @param maxReadsIn READs and atomics of the peer that are served at a time
     * @param minRnrTimer code of the time after which a not-ready peer tries again
     */
    public static void setReadyToReceive(
            long attributes, int mtu, int destinationQp, int receivePsn, int maxReadsIn, int minRnrTimer) {
        setState(attributes, STATE_READY_TO_RECEIVE);
        NativeMemory.putInt(attributes + MTU, mtu);
        NativeMemory.putInt(attributes + DESTINATION, destinationQp);
        NativeMemory.putInt(attributes + RECEIVE_PSN, receivePsn);
        NativeMemory.putByte(attributes + MAX_READS_IN, maxReadsIn);
        NativeMemory.putByte(attributes + MIN_RNR_TIMER, minRnrTimer);
    }

    /** Port and local identifier of the peer (0 on Ethernet). */
    public static void setLocalRoute(long attributes, int port, int destinationLid) {
        NativeMemory.putByte(attributes + ADDRESS_PORT, port);
        NativeMemory.putShort(attributes + DESTINATION_LID, destinationLid);
    }

    /** Traffic class of a global route: DSCP in its upper 6 bits. */
    public static void setTrafficClass(long attributes, int trafficClass) {
        NativeMemory.putByte(attributes + TRAFFIC_CLASS, trafficClass);
    }

    /** Route by GID, which Ethernet needs. */
    public static void setGlobalRoute(long attributes, byte[] destinationGid, int sourceGidIndex, int hopLimit) {
        NativeMemory.put(attributes + DESTINATION_GID, destinationGid, 0, GID_BYTES);
        NativeMemory.putByte(attributes + SOURCE_GID_INDEX, sourceGidIndex);
        NativeMemory.putByte(attributes + HOP_LIMIT, hopLimit);
        NativeMemory.putByte(attributes + IS_GLOBAL, 1);
    }

    /**
     * For {@link #MASK_READY_TO_SEND}.
     *
     * @param timeout answer time is 4.096 us * 2^timeout, 1 to 31
     * @param retryCount repetitions without an answer, 0 to 7
     * @param rnrRetry repetitions at a peer that is not ready, 7 for ever
     */
    public static void setReadyToSend(
            long attributes, int sendPsn, int maxReadsOut, int timeout, int retryCount, int rnrRetry) {
        setState(attributes, STATE_READY_TO_SEND);
        NativeMemory.putInt(attributes + SEND_PSN, sendPsn);
        NativeMemory.putByte(attributes + MAX_READS_OUT, maxReadsOut);
        NativeMemory.putByte(attributes + TIMEOUT, timeout);
        NativeMemory.putByte(attributes + RETRY_COUNT, retryCount);
        NativeMemory.putByte(attributes + RNR_RETRY, rnrRetry);
    }
}
