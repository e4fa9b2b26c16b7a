package io.finemem.spi.coordination;

import java.time.Duration;

/**
 * How things stand with the directory.
 *
 * @param state whether it is reached
 * @param viewAge time since the directory last confirmed the view, by this process's monotonic clock
 * @param detail where the directory is; while disconnected also the cause; one line, no secrets
 */
public record CoordinationStatus(State state, Duration viewAge, String detail) {

    /** Whether the directory is reached. */
    public enum State {
        /** The view is confirmed regularly. */
        CONNECTED,
        /** The view may be stale; the object goes on trying. */
        DISCONNECTED,
        /** The object was closed. */
        CLOSED
    }

    /** Whether the view is confirmed regularly. */
    public boolean connected() {
        return state == State.CONNECTED;
    }
}
