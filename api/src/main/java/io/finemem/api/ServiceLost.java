package io.finemem.api;

/**
 * The allocation service of this machine ended the session, stopped or died: what the application held is given back, and its
 * data connections are cut off. A new {@link RemoteMemory} must be opened.
 */
public class ServiceLost extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public ServiceLost(String text, Object... keysAndValues) {
        super(ErrorCode.SERVICE_LOST, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public ServiceLost(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.SERVICE_LOST, cause, text, keysAndValues);
    }
}
