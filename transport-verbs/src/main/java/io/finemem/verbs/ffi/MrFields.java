package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_mr}, made by the library.
 * <pre>
 *  0          8     16       24         32        36      40      44  48
 *  +----------+-----+--------+----------+---------+-------+-------+---+
 *  |context 8 |pd 8 | addr 8 | length 8 |handle 4 |lkey 4 |rkey 4 | . |
 *  +----------+-----+--------+----------+---------+-------+-------+---+
 * </pre>
 */
public final class MrFields {
    private static final int CONTEXT = 0;
    private static final int DOMAIN = CONTEXT + Long.BYTES;
    private static final int ADDRESS = DOMAIN + Long.BYTES;
    private static final int LENGTH = ADDRESS + Long.BYTES;
    private static final int HANDLE = LENGTH + Long.BYTES;
    private static final int LOCAL_KEY = HANDLE + Integer.BYTES;
    private static final int REMOTE_KEY = LOCAL_KEY + Integer.BYTES;

    private MrFields() {}

    /** First byte. */
    public static long address(long mr) {
        return NativeMemory.getLong(mr + ADDRESS);
    }

    /** Bytes. */
    public static long length(long mr) {
        return NativeMemory.getLong(mr + LENGTH);
    }

    /** The kernel's number. */
    public static int handle(long mr) {
        return NativeMemory.getInt(mr + HANDLE);
    }

    /** Key for local ranges. */
    public static int localKey(long mr) {
        return NativeMemory.getInt(mr + LOCAL_KEY);
    }

    /** Key for peers. */
    public static int remoteKey(long mr) {
        return NativeMemory.getInt(mr + REMOTE_KEY);
    }
}
