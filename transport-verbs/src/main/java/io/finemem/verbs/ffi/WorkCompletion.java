package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_wc}. On an error only the number, the status, the vendor's code and the queue pair mean anything.
 * <pre>
 *  0       8       12      16        20       24         28       32
 *  +-------+-------+-------+---------+--------+----------+--------+
 *  |wr_id 8|status |opcode |vendor 4 |bytes 4 |imm/rkey 4|qp_num 4|
 *  +-------+-------+-------+---------+--------+----------+--------+
 *  32       36      40           42      44     45           46  48
 *  +--------+-------+------------+-------+------+------------+---+
 *  |src_qp 4|flags 4|pkey_index 2|slid 2 | sl 1 |path_bits 1 | . |
 *  +--------+-------+------------+-------+------+------------+---+
 * </pre>
 */
public final class WorkCompletion {
    /** Status: done. */
    public static final int SUCCESS = 0;
    /** Status: the local range does not fit the request. */
    public static final int LOCAL_LENGTH_ERROR = 1;
    /** Status: a local queue pair operation failed. */
    public static final int LOCAL_QP_ERROR = 2;
    /** Status: the local key does not cover the local range. */
    public static final int LOCAL_PROTECTION_ERROR = 4;
    /** Status: the queue pair was in error before. */
    public static final int FLUSHED = 5;
    /** Status: a window could not be bound. */
    public static final int WINDOW_BIND_ERROR = 6;
    /** Status: the response was not understood. */
    public static final int BAD_RESPONSE = 7;
    /** Status: the local side may not do this. */
    public static final int LOCAL_ACCESS_ERROR = 8;
    /** Status: the responder found the request malformed. */
    public static final int REMOTE_INVALID_REQUEST = 9;
    /** Status: the responder refused the key, the right or the range. */
    public static final int REMOTE_ACCESS_ERROR = 10;
    /** Status: the responder could not do it. */
    public static final int REMOTE_OPERATION_ERROR = 11;
    /** Status: no answer within the retries. */
    public static final int RETRIES_EXCEEDED = 12;
    /** Status: the responder stayed not ready. */
    public static final int RECEIVER_NOT_READY = 13;
    /** Status: the responder aborted. */
    public static final int REMOTE_ABORTED = 16;
    /** Status: no answer. */
    public static final int RESPONSE_TIMEOUT = 20;

    private static final int ID = 0;
    private static final int STATUS = ID + Long.BYTES;
    private static final int OPCODE = STATUS + Integer.BYTES;
    private static final int VENDOR_ERROR = OPCODE + Integer.BYTES;
    private static final int BYTE_LENGTH = VENDOR_ERROR + Integer.BYTES;
    private static final int IMMEDIATE = BYTE_LENGTH + Integer.BYTES;
    private static final int QP_NUMBER = IMMEDIATE + Integer.BYTES;
    private static final int SOURCE_QP = QP_NUMBER + Integer.BYTES;
    private static final int FLAGS = SOURCE_QP + Integer.BYTES;
    private static final int PKEY_INDEX = FLAGS + Integer.BYTES;
    private static final int SOURCE_LID = PKEY_INDEX + Short.BYTES;
    private static final int SERVICE_LEVEL = SOURCE_LID + Short.BYTES;
    private static final int PATH_BITS = SERVICE_LEVEL + Byte.BYTES;
    /** Size of the structure. */
    public static final int BYTES = PATH_BITS + Byte.BYTES + Short.BYTES;

    private WorkCompletion() {}

    /** The number that the request carried. */
    public static long id(long completion) {
        return NativeMemory.getLong(completion + ID);
    }

    /** How it ended. */
    public static int status(long completion) {
        return NativeMemory.getInt(completion + STATUS);
    }

    /**
     * Kind of the request: 0 SEND, 1 WRITE, 2 READ, 3 CAS, 4 FETCH_ADD, 5 bind, 6 invalidate, 128 receive, 129 with
     * immediate.
     */
    public static int opcode(long completion) {
        return NativeMemory.getInt(completion + OPCODE);
    }

    /** The vendor's code of an error. */
    public static int vendorError(long completion) {
        return NativeMemory.getInt(completion + VENDOR_ERROR);
    }

    /** Bytes received. */
    public static int byteLength(long completion) {
        return NativeMemory.getInt(completion + BYTE_LENGTH);
    }

    /** Immediate data as on the wire, or the rkey that was invalidated. */
    public static int immediate(long completion) {
        return NativeMemory.getInt(completion + IMMEDIATE);
    }

    /** Number of the local queue pair. */
    public static int qpNumber(long completion) {
        return NativeMemory.getInt(completion + QP_NUMBER);
    }

    /** Number of the remote queue pair, for datagrams. */
    public static int sourceQp(long completion) {
        return NativeMemory.getInt(completion + SOURCE_QP);
    }

    /** Flags: 1 GRH, 2 immediate data, 8 invalidated. */
    public static int flags(long completion) {
        return NativeMemory.getInt(completion + FLAGS);
    }

    /** Index of the partition key. */
    public static short pkeyIndex(long completion) {
        return NativeMemory.getShort(completion + PKEY_INDEX);
    }

    /** Local identifier of the sender. */
    public static short sourceLid(long completion) {
        return NativeMemory.getShort(completion + SOURCE_LID);
    }

    /** Service level. */
    public static byte serviceLevel(long completion) {
        return NativeMemory.getByte(completion + SERVICE_LEVEL);
    }

    /** Path bits of the destination. */
    public static byte pathBits(long completion) {
        return NativeMemory.getByte(completion + PATH_BITS);
    }
}
