package io.finemem.api;

/** No memory node has a free run of the wanted size. The pool is unchanged; a free by anybody may make the call succeed. */
public class OutOfRemoteMemory extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public OutOfRemoteMemory(String text, Object... keysAndValues) {
        super(ErrorCode.OUT_OF_REMOTE_MEMORY, text, keysAndValues);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
