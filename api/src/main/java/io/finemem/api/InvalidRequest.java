package io.finemem.api;

/** An argument is out of range, or a block is foreign, stale or freed already. Nothing was changed. */
public class InvalidRequest extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public InvalidRequest(String text, Object... keysAndValues) {
        super(ErrorCode.INVALID_REQUEST, text, keysAndValues);
    }
}
