package io.finemem.api;

/** The object was closed before. */
public class MemoryClosed extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public MemoryClosed(String text, Object... keysAndValues) {
        super(ErrorCode.CLOSED, text, keysAndValues);
    }
}
