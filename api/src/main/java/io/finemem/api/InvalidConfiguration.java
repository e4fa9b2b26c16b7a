package io.finemem.api;

/** A configuration value is missing, unknown, malformed or out of range; the text names key, value and remedy. */
public class InvalidConfiguration extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public InvalidConfiguration(String text, Object... keysAndValues) {
        super(ErrorCode.INVALID_CONFIGURATION, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public InvalidConfiguration(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.INVALID_CONFIGURATION, cause, text, keysAndValues);
    }
}
