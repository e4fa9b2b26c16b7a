package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_mw}, made by the library.
 * <pre>
 *  0          8     16      20        24       28  32
 *  +----------+-----+-------+---------+--------+---+
 *  |context 8 |pd 8 |rkey 4 |handle 4 | type 4 | . |
 *  +----------+-----+-------+---------+--------+---+
 * </pre>
 * The rkey is an index in the upper 24 bits and a key in the lower 8. Who binds by a work request advances the key
 * himself; who binds by the function finds it advanced, and must set it back if the bind fails.
 */
public final class MwFields {
    /** Windows that the domain's connections share; an rkey opens them through any of these. */
    public static final int TYPE_1 = 1;
    /** Windows bound to one queue pair. */
    public static final int TYPE_2 = 2;
    /** Binds of one window after which an old rkey comes back. */
    public static final int KEY_PERIOD = 1 << Byte.SIZE;

    private static final int KEY_MASK = KEY_PERIOD - 1;
    private static final int CONTEXT = 0;
    private static final int DOMAIN = CONTEXT + Long.BYTES;
    private static final int REMOTE_KEY = DOMAIN + Long.BYTES;
    private static final int HANDLE = REMOTE_KEY + Integer.BYTES;

    private MwFields() {}

    /** The rkey of the latest bind, or the initial one, which opens nothing. */
    public static int remoteKey(long mw) {
        return NativeMemory.getInt(mw + REMOTE_KEY);
    }

    /** Makes the provider's idea of the rkey agree with the device's. */
    public static void setRemoteKey(long mw, int rkey) {
        NativeMemory.putInt(mw + REMOTE_KEY, rkey);
    }

    /** The kernel's number. */
    public static int handle(long mw) {
        return NativeMemory.getInt(mw + HANDLE);
    }

    /** The rkey that the next bind gives: same index, next key. */
    public static int nextKey(int rkey) {
        return (rkey & ~KEY_MASK) | ((rkey + 1) & KEY_MASK);
    }
}
