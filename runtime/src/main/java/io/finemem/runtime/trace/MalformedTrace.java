package io.finemem.runtime.trace;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;

/** A trace cannot be read or contradicts itself; the text says where and what is wrong. */
public class MalformedTrace extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public MalformedTrace(String text, Object... keysAndValues) {
        super(ErrorCode.INVALID_REQUEST, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public MalformedTrace(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.INVALID_REQUEST, cause, text, keysAndValues);
    }
}
