package io.finemem.spi.coordination;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;

/** The directory cannot be reached, or cannot serve at present. Memory already in use is not affected. */
public class CoordinationUnavailable extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public CoordinationUnavailable(String text, Object... keysAndValues) {
        super(ErrorCode.COORDINATION_UNAVAILABLE, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public CoordinationUnavailable(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.COORDINATION_UNAVAILABLE, cause, text, keysAndValues);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
