package io.finemem.verbs.ffi;

/**
 * {@code struct ibv_context}, made by the library.
 * <pre>
 *  0        8                  264      268        272                328
 *  +--------+------------------+--------+----------+--------------------+
 *  |device 8| ops 32 slots of 8|cmd_fd 4|async_fd 4|num_comp_vectors 4 .|
 *  +--------+------------------+--------+----------+--------------------+
 * </pre>
 */
public final class ContextFields {
    private static final int SLOTS = 32;
    private static final int DEVICE = 0;
    private static final int OPERATIONS = DEVICE + Long.BYTES;
    private static final int COMMAND_FD = OPERATIONS + SLOTS * Long.BYTES;
    private static final int ASYNC_FD = COMMAND_FD + Integer.BYTES;
    private static final int COMPLETION_VECTORS = ASYNC_FD + Integer.BYTES;

    private ContextFields() {}

    /** The {@code ibv_device*}. */
    public static long device(long context) {
        return NativeMemory.getLong(context + DEVICE);
    }

    /** Address of the function in a slot of {@code ops}, 0 if the provider has none. */
    public static long operation(long context, int slot) {
        return NativeMemory.getLong(context + OPERATIONS + (long) slot * Long.BYTES);
    }

    /** File descriptor of the device's commands. */
    public static int commandFd(long context) {
        return NativeMemory.getInt(context + COMMAND_FD);
    }

    /** File descriptor that becomes readable with an asynchronous event. */
    public static int asyncFd(long context) {
        return NativeMemory.getInt(context + ASYNC_FD);
    }

    /** Completion vectors that a completion queue can choose from. */
    public static int completionVectors(long context) {
        return NativeMemory.getInt(context + COMPLETION_VECTORS);
    }
}
