package io.finemem.spi.transport;

import io.finemem.api.ErrorCode;
import io.finemem.api.FineMemException;

/** No transport of the wanted name, or none that works here; the text lists what there is and why the others do not work. */
public class TransportUnavailable extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public TransportUnavailable(String text, Object... keysAndValues) {
        super(ErrorCode.TRANSPORT_UNAVAILABLE, text, keysAndValues);
    }

    /** See {@link FineMemException#FineMemException(ErrorCode, Throwable, String, Object...)}. */
    public TransportUnavailable(Throwable cause, String text, Object... keysAndValues) {
        super(ErrorCode.TRANSPORT_UNAVAILABLE, cause, text, keysAndValues);
    }
}
