package io.finemem.verbs.ffi;

/** {@code enum ibv_access_flags}: rights of registrations, windows and queue pairs. */
public final class AccessFlags {
    /** The device may write the memory for its own process, such as results of READs and atomics. */
    public static final int LOCAL_WRITE = 1;
    /** Peers may WRITE; needs {@link #LOCAL_WRITE}. */
    public static final int REMOTE_WRITE = 1 << 1;
    /** Peers may READ. */
    public static final int REMOTE_READ = 1 << 2;
    /** Peers may do atomics; needs {@link #LOCAL_WRITE}. */
    public static final int REMOTE_ATOMIC = 1 << 3;
    /** Windows may be bound. */
    public static final int WINDOW_BIND = 1 << 4;

    private AccessFlags() {}
}
