package io.finemem.api;

/** The peer could not prove that it knows the shared secret, or the secrets differ. */
public class AuthenticationFailed extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public AuthenticationFailed(String text, Object... keysAndValues) {
        super(ErrorCode.AUTHENTICATION_FAILED, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public AuthenticationFailed(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.AUTHENTICATION_FAILED, cause, text, keysAndValues);
    }
}
