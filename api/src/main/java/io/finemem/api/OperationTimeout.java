package io.finemem.api;

/** An operation did not end within its time limit; whether it was executed is unknown unless the text says more. */
public class OperationTimeout extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public OperationTimeout(String text, Object... keysAndValues) {
        super(ErrorCode.TIMEOUT, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public OperationTimeout(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.TIMEOUT, cause, text, keysAndValues);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
