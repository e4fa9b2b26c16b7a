package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_mw_bind}, argument of {@link DeviceOperations#bindMemoryWindow}.
 * <pre>
 *  0        8         12  16              48
 *  +--------+---------+---+----------------+
 *  |wr_id 8 | flags 4 | . | bind info   32 |
 *  +--------+---------+---+----------------+
 * </pre>
 */
public final class MemoryWindowBind {
    private static final int ID = 0;
    private static final int FLAGS = ID + Long.BYTES;
    private static final int INFO = FLAGS + Long.BYTES;
    /** Size of the structure. */
    public static final int BYTES = INFO + BindInfo.BYTES;

    private MemoryWindowBind() {}

    /** Sets the caller's number and the flags of {@link SendWorkRequest}. */
    public static void set(long bind, long id, int flags) {
        NativeMemory.putLong(bind + ID, id);
        NativeMemory.putInt(bind + FLAGS, flags);
    }

    /** Address of the {@link BindInfo}. */
    public static long info(long bind) {
        return bind + INFO;
    }
}
