package io.finemem.api;

/** A local resource is exhausted: locked memory, queue entries, windows or file space. */
public class OutOfLocalResources extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public OutOfLocalResources(String text, Object... keysAndValues) {
        super(ErrorCode.OUT_OF_LOCAL_RESOURCES, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public OutOfLocalResources(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.OUT_OF_LOCAL_RESOURCES, cause, text, keysAndValues);
    }
}
