package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_pd}, made by the library.
 * <pre>
 *  0          8         12  16
 *  +----------+---------+---+
 *  |context 8 |handle 4 | . |
 *  +----------+---------+---+
 * </pre>
 */
public final class PdFields {
    private static final int CONTEXT = 0;
    private static final int HANDLE = CONTEXT + Long.BYTES;

    private PdFields() {}

    /** The device's {@code ibv_context*}. */
    public static long context(long pd) {
        return NativeMemory.getLong(pd + CONTEXT);
    }

    /** The kernel's number. */
    public static int handle(long pd) {
        return NativeMemory.getInt(pd + HANDLE);
    }
}
