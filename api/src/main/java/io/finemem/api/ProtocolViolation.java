package io.finemem.api;

/** The other side or the metadata does not follow the protocol, or has another version. */
public class ProtocolViolation extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public ProtocolViolation(String text, Object... keysAndValues) {
        super(ErrorCode.PROTOCOL_VIOLATION, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public ProtocolViolation(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.PROTOCOL_VIOLATION, cause, text, keysAndValues);
    }
}
