package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_recv_wr}.
 * <pre>
 *  0        8        16          24          28  32
 *  +--------+--------+-----------+-----------+---+
 *  |wr_id 8 | next 8 | sg_list 8 | num_sge 4 | . |
 *  +--------+--------+-----------+-----------+---+
 * </pre>
 */
public final class ReceiveWorkRequest {
    private static final int ID = 0;
    private static final int NEXT = ID + Long.BYTES;
    private static final int SCATTER_GATHER_LIST = NEXT + Long.BYTES;
    private static final int SCATTER_GATHER_COUNT = SCATTER_GATHER_LIST + Long.BYTES;
    /** Size of the structure. */
    public static final int BYTES = SCATTER_GATHER_COUNT + Long.BYTES;

    private ReceiveWorkRequest() {}

    /** Sets all fields. */
    public static void set(long request, long id, long next, long entries, int count) {
        NativeMemory.putLong(request + ID, id);
        NativeMemory.putLong(request + NEXT, next);
        NativeMemory.putLong(request + SCATTER_GATHER_LIST, entries);
        NativeMemory.putInt(request + SCATTER_GATHER_COUNT, count);
    }
}
