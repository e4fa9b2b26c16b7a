package io.finemem.api;

/** This owner was declared dead and cut off: none of its blocks may be used any more. It may rejoin under a new id. */
public class OwnerFenced extends FineMemException {
    private static final long serialVersionUID = 1L;

    /** See {@link FineMemException#FineMemException(ErrorCode, String, Object...)}. */
    public OwnerFenced(String text, Object... keysAndValues) {
        super(ErrorCode.OWNER_FENCED, text, keysAndValues);
    }
}
