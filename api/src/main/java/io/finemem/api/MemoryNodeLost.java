package io.finemem.api;

/** A memory node does not answer any more; blocks on it are unreachable, those of other nodes are not affected. */
public class MemoryNodeLost extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public MemoryNodeLost(String text, Object... keysAndValues) {
        super(ErrorCode.MEMORY_NODE_LOST, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public MemoryNodeLost(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.MEMORY_NODE_LOST, cause, text, keysAndValues);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
