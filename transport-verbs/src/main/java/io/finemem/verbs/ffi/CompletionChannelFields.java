package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_comp_channel}, made by the library.
 * <pre>
 *  0          8     12       16
 *  +----------+-----+--------+
 *  |context 8 |fd 4 |refcnt 4|
 *  +----------+-----+--------+
 * </pre>
 */
public final class CompletionChannelFields {
    private static final int CONTEXT = 0;
    private static final int DESCRIPTOR = CONTEXT + Long.BYTES;

    private CompletionChannelFields() {}

    /** The device's {@code ibv_context*}. */
    public static long context(long channel) {
        return NativeMemory.getLong(channel + CONTEXT);
    }

    /** File descriptor that becomes readable with a completion event. */
    public static int fd(long channel) {
        return NativeMemory.getInt(channel + DESCRIPTOR);
    }
}
