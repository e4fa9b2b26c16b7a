package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_qp_init_attr}.
 * <pre>
 *  0             8         16        24     32     36     40      44      48       52     56      60  64
 *  +-------------+---------+---------+------+------+------+-------+-------+--------+------+-------+---+
 *  |qp_context 8 |send_cq 8|recv_cq 8|srq 8 |s_wr 4|r_wr 4|s_sge 4|r_sge 4|inline 4|type 4|sig_all| . |
 *  +-------------+---------+---------+------+------+------+-------+-------+--------+------+-------+---+
 * </pre>
 */
public final class QpInitAttributes {
    /** Type: reliable connection. */
    public static final int RELIABLE_CONNECTION = 2;

    private static final int QP_CONTEXT = 0;
    private static final int SEND_CQ = QP_CONTEXT + Long.BYTES;
    private static final int RECEIVE_CQ = SEND_CQ + Long.BYTES;
    private static final int SHARED_QUEUE = RECEIVE_CQ + Long.BYTES;
    private static final int MAX_SEND = SHARED_QUEUE + Long.BYTES;
    private static final int MAX_RECEIVE = MAX_SEND + Integer.BYTES;
    private static final int MAX_SEND_ENTRIES = MAX_RECEIVE + Integer.BYTES;
    private static final int MAX_RECEIVE_ENTRIES = MAX_SEND_ENTRIES + Integer.BYTES;
    private static final int MAX_INLINE = MAX_RECEIVE_ENTRIES + Integer.BYTES;
    private static final int TYPE = MAX_INLINE + Integer.BYTES;
    private static final int SIGNAL_ALL = TYPE + Integer.BYTES;
    /** Size of the structure. */
    public static final int BYTES = SIGNAL_ALL + Long.BYTES;

    private QpInitAttributes() {}

    /** Completion queues. */
    public static void setQueues(long attributes, long sendCq, long receiveCq) {
        NativeMemory.putLong(attributes + SEND_CQ, sendCq);
        NativeMemory.putLong(attributes + RECEIVE_CQ, receiveCq);
    }

    /** The shared receive queue, 0 for none. */
    public static void setSharedQueue(long attributes, long srq) {
        NativeMemory.putLong(attributes + SHARED_QUEUE, srq);
    }

    /** Send requests, ranges of each, and bytes of inline data. */
    public static void setSendCapacity(long attributes, int requests, int entries, int inlineBytes) {
        NativeMemory.putInt(attributes + MAX_SEND, requests);
        NativeMemory.putInt(attributes + MAX_SEND_ENTRIES, entries);
        NativeMemory.putInt(attributes + MAX_INLINE, inlineBytes);
    }

    /** Receive requests, and ranges of each. */
    public static void setReceiveCapacity(long attributes, int requests, int entries) {
        NativeMemory.putInt(attributes + MAX_RECEIVE, requests);
        NativeMemory.putInt(attributes + MAX_RECEIVE_ENTRIES, entries);
    }

    /** Type of the queue pair, and whether every request makes a completion. */
    public static void setType(long attributes, int type, boolean signalAll) {
        NativeMemory.putInt(attributes + TYPE, type);
        NativeMemory.putInt(attributes + SIGNAL_ALL, signalAll ? 1 : 0);
    }

    /** Send requests that fit; after creation the real number. */
    public static int maxSend(long attributes) {
        return NativeMemory.getInt(attributes + MAX_SEND);
    }

    /** Inline bytes; after creation the real number. */
    public static int maxInline(long attributes) {
        return NativeMemory.getInt(attributes + MAX_INLINE);
    }
}
