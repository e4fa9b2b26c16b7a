package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_cq}, made by the library.
 * <pre>
 *  0          8          16           24        28     32
 *  +----------+----------+------------+---------+------+
 *  |context 8 |channel 8 |cq_context 8|handle 4 |cqe 4 |...
 *  +----------+----------+------------+---------+------+
 * </pre>
 */
public final class CqFields {
    private static final int CONTEXT = 0;
    private static final int CHANNEL = CONTEXT + Long.BYTES;
    private static final int CQ_CONTEXT = CHANNEL + Long.BYTES;
    private static final int HANDLE = CQ_CONTEXT + Long.BYTES;
    private static final int ENTRIES = HANDLE + Integer.BYTES;

    private CqFields() {}

    /** The device's {@code ibv_context*}. */
    public static long context(long cq) {
        return NativeMemory.getLong(cq + CONTEXT);
    }

    /** The {@code ibv_comp_channel*}, 0 for none. */
    public static long channel(long cq) {
        return NativeMemory.getLong(cq + CHANNEL);
    }

    /** The kernel's number. */
    public static int handle(long cq) {
        return NativeMemory.getInt(cq + HANDLE);
    }

    /** Completions that fit. */
    public static int entries(long cq) {
        return NativeMemory.getInt(cq + ENTRIES);
    }
}
