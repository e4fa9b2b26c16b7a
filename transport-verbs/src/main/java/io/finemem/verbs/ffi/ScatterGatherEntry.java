package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_sge}: one local range.
 * <pre>
 *  0         8          12      16
 *  +---------+----------+--------+
 *  | addr  8 | length 4 | lkey 4 |
 *  +---------+----------+--------+
 * </pre>
 */
public final class ScatterGatherEntry {
    private static final int ADDRESS = 0;
    private static final int LENGTH = ADDRESS + Long.BYTES;
    private static final int LOCAL_KEY = LENGTH + Integer.BYTES;
    /** Size of the structure. */
    public static final int BYTES = LOCAL_KEY + Integer.BYTES;

    private ScatterGatherEntry() {}

    /** Sets all fields; {@code length} is unsigned, and 0 means 2 GiB to the device. */
    public static void set(long entry, long address, int length, int localKey) {
        NativeMemory.putLong(entry + ADDRESS, address);
        NativeMemory.putInt(entry + LENGTH, length);
        NativeMemory.putInt(entry + LOCAL_KEY, localKey);
    }

    /** First byte. */
    public static long address(long entry) {
        return NativeMemory.getLong(entry + ADDRESS);
    }

    /** Bytes, unsigned. */
    public static int length(long entry) {
        return NativeMemory.getInt(entry + LENGTH);
    }

    /** Key of the registration that holds the range. */
    public static int localKey(long entry) {
        return NativeMemory.getInt(entry + LOCAL_KEY);
    }
}
