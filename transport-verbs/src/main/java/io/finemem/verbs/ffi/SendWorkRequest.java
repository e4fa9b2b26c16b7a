package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_send_wr}. Offset 40 is a union of what the kinds need, offset 80 one for windows.
 * <pre>
 *   0        8       16        24        28       32      36     40
 *  +--------+-------+---------+---------+--------+-------+-------+
 *  |wr_id 8 |next 8 |sg_list 8|num_sge 4|opcode 4|flags 4|imm 4  |   imm: or the rkey to invalidate
 *  +--------+-------+---------+---------+--------+-------+-------+
 *   40                48              56       64       68         80
 *  +-----------------+---------------+--------+--------+----------+
 *  | remote address 8| rkey 4  .   4 |   .    |   .    |    .     |   READ, WRITE
 *  | remote address 8| compare/add 8 | swap 8 | rkey 4 |    .     |   atomics
 *  +-----------------+---------------+--------+--------+----------+
 *   80     88      92    96       104       112      120        124  128
 *  +------+-------+-----+--------+---------+--------+----------+------+
 *  | mw 8 |rkey 4 |  .  | mr   8 | addr  8 |length 8| access 4 |  .   |  BIND_MW
 *  +------+-------+-----+--------+---------+--------+----------+------+
 * </pre>
 */
public final class SendWorkRequest {
    /** Size of the structure. */
    public static final int BYTES = 128;

    /** Opcode of RDMA WRITE. */
    public static final int WRITE = 0;
    /** Opcode of RDMA WRITE with immediate data. */
    public static final int WRITE_WITH_IMMEDIATE = 1;
    /** Opcode of SEND. */
    public static final int SEND = 2;
    /** Opcode of SEND with immediate data. */
    public static final int SEND_WITH_IMMEDIATE = 3;
    /** Opcode of RDMA READ. */
    public static final int READ = 4;
    /** Opcode of the 64-bit compare-and-swap. */
    public static final int COMPARE_AND_SWAP = 5;
    /** Opcode of the 64-bit fetch-and-add. */
    public static final int FETCH_ADD = 6;
    /** Opcode that ends an rkey of a type 2 window or a fast registration. */
    public static final int LOCAL_INVALIDATE = 7;
    /** Opcode of a window bind. */
    public static final int BIND_WINDOW = 8;
    /** Opcode of SEND that ends an rkey at the receiver. */
    public static final int SEND_WITH_INVALIDATE = 9;

    /** Flag: wait for all earlier READs and atomics. */
    public static final int FENCED = 1;
    /** Flag: make a completion. */
    public static final int SIGNALED = 1 << 1;
    /** Flag: raise the receiver's solicited event. */
    public static final int SOLICITED = 1 << 2;
    /** Flag: the data is copied out of the local range while posting. */
    public static final int INLINE = 1 << 3;

    private static final int ID = 0;
    private static final int NEXT = ID + Long.BYTES;
    private static final int SCATTER_GATHER_LIST = NEXT + Long.BYTES;
    private static final int SCATTER_GATHER_COUNT = SCATTER_GATHER_LIST + Long.BYTES;
    private static final int OPCODE = SCATTER_GATHER_COUNT + Integer.BYTES;
    private static final int FLAGS = OPCODE + Integer.BYTES;
    private static final int IMMEDIATE = FLAGS + Integer.BYTES;
    private static final int REMOTE_ADDRESS = IMMEDIATE + Integer.BYTES;
    private static final int TRANSFER_KEY = REMOTE_ADDRESS + Long.BYTES;
    private static final int COMPARE_OR_ADD = REMOTE_ADDRESS + Long.BYTES;
    private static final int SWAP = COMPARE_OR_ADD + Long.BYTES;
    private static final int ATOMIC_KEY = SWAP + Long.BYTES;
    private static final int XRC_AND_PADDING = Long.BYTES;
    private static final int WINDOW = ATOMIC_KEY + Long.BYTES + XRC_AND_PADDING;
    private static final int WINDOW_KEY = WINDOW + Long.BYTES;
    private static final int BIND_INFO = WINDOW_KEY + Long.BYTES;

    private SendWorkRequest() {}

    /** The caller's number, which the completion repeats. */
    public static void setId(long request, long id) {
        NativeMemory.putLong(request + ID, id);
    }

    /** The caller's number. */
    public static long id(long request) {
        return NativeMemory.getLong(request + ID);
    }

    /** The request to post after this one, 0 for none. */
    public static void setNext(long request, long next) {
        NativeMemory.putLong(request + NEXT, next);
    }

    /** The request to post after this one, 0 for none. */
    public static long next(long request) {
        return NativeMemory.getLong(request + NEXT);
    }

    /** Local ranges: {@code count} adjacent {@link ScatterGatherEntry}s. */
    public static void setScatterGather(long request, long entries, int count) {
        NativeMemory.putLong(request + SCATTER_GATHER_LIST, entries);
        NativeMemory.putInt(request + SCATTER_GATHER_COUNT, count);
    }

    /** Address of the local ranges. */
    public static long scatterGatherList(long request) {
        return NativeMemory.getLong(request + SCATTER_GATHER_LIST);
    }

    /** Number of local ranges. */
    public static int scatterGatherCount(long request) {
        return NativeMemory.getInt(request + SCATTER_GATHER_COUNT);
    }

    /** What to do. */
    public static void setOpcode(long request, int opcode) {
        NativeMemory.putInt(request + OPCODE, opcode);
    }

    /** What to do. */
    public static int opcode(long request) {
        return NativeMemory.getInt(request + OPCODE);
    }

    /** {@link #FENCED}, {@link #SIGNALED}, {@link #SOLICITED}, {@link #INLINE}. */
    public static void setFlags(long request, int flags) {
        NativeMemory.putInt(request + FLAGS, flags);
    }

    /** The flags. */
    public static int flags(long request) {
        return NativeMemory.getInt(request + FLAGS);
    }

    /** Immediate data (big-endian on the wire, as given), or the rkey to invalidate. */
    public static void setImmediate(long request, int value) {
        NativeMemory.putInt(request + IMMEDIATE, value);
    }

    /** Target of READ and WRITE. */
    public static void setRemote(long request, long remoteAddress, int rkey) {
        NativeMemory.putLong(request + REMOTE_ADDRESS, remoteAddress);
        NativeMemory.putInt(request + TRANSFER_KEY, rkey);
    }

    /** Target and operands of {@link #COMPARE_AND_SWAP}; for {@link #FETCH_ADD} the addend is {@code compareOrAdd}. */
    public static void setAtomic(long request, long remoteAddress, int rkey, long compareOrAdd, long swap) {
        NativeMemory.putLong(request + REMOTE_ADDRESS, remoteAddress);
        NativeMemory.putLong(request + COMPARE_OR_ADD, compareOrAdd);
        NativeMemory.putLong(request + SWAP, swap);
        NativeMemory.putInt(request + ATOMIC_KEY, rkey);
    }

    /** Remote address of a transfer or an atomic alone. */
    public static void setRemoteAddress(long request, long remoteAddress) {
        NativeMemory.putLong(request + REMOTE_ADDRESS, remoteAddress);
    }

    /** Remote address of a transfer or an atomic. */
    public static long remoteAddress(long request) {
        return NativeMemory.getLong(request + REMOTE_ADDRESS);
    }

    /** Remote key of READ and WRITE alone. */
    public static void setTransferKey(long request, int rkey) {
        NativeMemory.putInt(request + TRANSFER_KEY, rkey);
    }

    /** Remote key of READ and WRITE. */
    public static int transferKey(long request) {
        return NativeMemory.getInt(request + TRANSFER_KEY);
    }

    /** Remote key of an atomic alone. */
    public static void setAtomicKey(long request, int rkey) {
        NativeMemory.putInt(request + ATOMIC_KEY, rkey);
    }

    /** Remote key of an atomic. */
    public static int atomicKey(long request) {
        return NativeMemory.getInt(request + ATOMIC_KEY);
    }

    /** The window of {@link #BIND_WINDOW} and the rkey that it shall have; the range is at {@link #bindInfo}. */
    public static void setWindow(long request, long mw, int rkey) {
        NativeMemory.putLong(request + WINDOW, mw);
        NativeMemory.putInt(request + WINDOW_KEY, rkey);
    }

    /** Address of the {@link BindInfo} of {@link #BIND_WINDOW}. */
    public static long bindInfo(long request) {
        return request + BIND_INFO;
    }
}
