package io.finemem.api;

import org.jspecify.annotations.Nullable;

/**
 * Root of all failures of FineMem. The text is fixed per place and ends with the values as {@code key=value}; the
 * {@linkplain #code() code} is for programs.
 */
public class FineMemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** A failure without a cause below it. */
    public FineMemException(ErrorCode code, String text, Object... keysAndValues) {
        this(code, null, text, keysAndValues);
    }

    /**
     * A failure.
     *
     * @param cause what failed below, or null
     * @param text fixed text that says what happened and what to do about it
     * @param keysAndValues alternating keys and values, appended as {@code [key=value ...]}
     */
    public FineMemException(ErrorCode code, @Nullable Throwable cause, String text, Object... keysAndValues) {
        super(message(text, keysAndValues), cause);
        this.code = code;
    }

    /** What went wrong, for programs. */
    public final ErrorCode code() {
        return code;
    }

    /** Whether the same call may succeed later without a change by the caller. */
    public boolean retriable() {
        return false;
    }

    private static String message(String text, Object[] keysAndValues) {
        if (keysAndValues.length == 0) {
            return text;
        }
        StringBuilder message = new StringBuilder(text).append(" [");
        for (int i = 0; i + 1 < keysAndValues.length; i += 2) {
            message.append(i == 0 ? "" : " ")
                    .append(keysAndValues[i])
                    .append('=')
                    .append(keysAndValues[i + 1]);
        }
        return message.append(']').toString();
    }
}
