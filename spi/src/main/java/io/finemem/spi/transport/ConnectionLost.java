package io.finemem.spi.transport;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;

/** A connection is not usable any more; whether operations in flight were executed is unknown. */
public class ConnectionLost extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public ConnectionLost(String text, Object... keysAndValues) {
        super(ErrorCode.CONNECTION_LOST, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public ConnectionLost(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.CONNECTION_LOST, cause, text, keysAndValues);
    }

    @Override
    public boolean retriable() {
        return true;
    }
}
