package io.finemem.api;

/** The application holds as much as the allocation service grants it. Nothing was allocated; a free makes room. */
public class QuotaExceeded extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public QuotaExceeded(String text, Object... keysAndValues) {
        super(ErrorCode.QUOTA_EXCEEDED, text, keysAndValues);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
