package io.finemem.api;

/** The memory node refused the rkey of a block; the block must not be used any more. */
public class CapabilityRevoked extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public CapabilityRevoked(String text, Object... keysAndValues) {
        super(ErrorCode.CAPABILITY_REVOKED, text, keysAndValues);
    }
}
