package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_qp}, made by the library.
 * <pre>
 *  0          8             16    24        32        40     48        52       56       60     64
 *  +----------+-------------+-----+---------+---------+------+---------+--------+--------+------+
 *  |context 8 |qp_context 8 |pd 8 |send_cq 8|recv_cq 8|srq 8 |handle 4 |number 4|state 4 |type 4|...
 *  +----------+-------------+-----+---------+---------+------+---------+--------+--------+------+
 * </pre>
 */
public final class QpFields {
    private static final int CONTEXT = 0;
    private static final int QP_CONTEXT = CONTEXT + Long.BYTES;
    private static final int DOMAIN = QP_CONTEXT + Long.BYTES;
    private static final int SEND_CQ = DOMAIN + Long.BYTES;
    private static final int RECEIVE_CQ = SEND_CQ + Long.BYTES;
    private static final int SHARED_QUEUE = RECEIVE_CQ + Long.BYTES;
    private static final int HANDLE = SHARED_QUEUE + Long.BYTES;
    private static final int NUMBER = HANDLE + Integer.BYTES;
    private static final int STATE = NUMBER + Integer.BYTES;

    private QpFields() {}

    /** The device's {@code ibv_context*}. */
    public static long context(long qp) {
        return NativeMemory.getLong(qp + CONTEXT);
    }

    /** The {@code ibv_pd*}. */
    public static long domain(long qp) {
        return NativeMemory.getLong(qp + DOMAIN);
    }

    /** The {@code ibv_cq*} of sends. */
    public static long sendCq(long qp) {
        return NativeMemory.getLong(qp + SEND_CQ);
    }

    /** The {@code ibv_cq*} of receives. */
    public static long receiveCq(long qp) {
        return NativeMemory.getLong(qp + RECEIVE_CQ);
    }

    /** The kernel's number. */
    public static int handle(long qp) {
        return NativeMemory.getInt(qp + HANDLE);
    }

    /** The 24-bit number that peers use. */
    public static int number(long qp) {
        return NativeMemory.getInt(qp + NUMBER);
    }

    /** The state that this process set last; an error state that the device entered by itself is not seen here. */
    public static int state(long qp) {
        return NativeMemory.getInt(qp + STATE);
    }
}
