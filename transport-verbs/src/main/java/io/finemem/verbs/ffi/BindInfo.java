package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_mw_bind_info}: the range that a window is bound to.
 * <pre>
 *  0     8        16         24         28  32
 *  +-----+--------+----------+----------+---+
 *  |mr 8 | addr 8 | length 8 | access 4 | . |
 *  +-----+--------+----------+----------+---+
 * </pre>
 * {@code mr} must be a valid {@code ibv_mr*} even if the length is 0: providers read its lkey.
 */
public final class BindInfo {
    private static final int REGION = 0;
    private static final int ADDRESS = REGION + Long.BYTES;
    private static final int LENGTH = ADDRESS + Long.BYTES;
    private static final int ACCESS = LENGTH + Long.BYTES;
    /** Size of the structure. */
    public static final int BYTES = ACCESS + Long.BYTES;

    private BindInfo() {}

    /** Sets all fields; length 0 invalidates a type 1 window. */
    public static void set(long info, long mr, long address, long length, int access) {
        NativeMemory.putLong(info + REGION, mr);
        NativeMemory.putLong(info + ADDRESS, address);
        NativeMemory.putLong(info + LENGTH, length);
        NativeMemory.putInt(info + ACCESS, access);
    }
}
