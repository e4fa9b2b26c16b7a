package io.finemem.coordination.redis;

import io.finemem.api.FineMemException;
import io.finemem.api.MemoryClosed;
import io.finemem.spi.coordination.CoordinationStatus;
import io.finemem.spi.coordination.CoordinationUnavailable;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the directory is reached. Calls of the application go through here: while the directory is known to be away
 * they end at once, and the first one that finds it away makes that known.
 */
final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final String place;
    private final Listeners listeners;
    private final Supplier<Duration> viewAge;
    private final Runnable lost;
    private CoordinationStatus.State state = CoordinationStatus.State.CONNECTED;
    private String reason = "";

    /**
     * A link that was just made.
     *
     * @param lost is called when a call of the application finds the directory away
     */
    Link(String place, Listeners listeners, Supplier<Duration> viewAge, Runnable lost) {
        this.place = place;
        this.listeners = listeners;
        this.viewAge = viewAge;
        this.lost = lost;
    }

    synchronized CoordinationStatus status() {
        return new CoordinationStatus(state, viewAge.get(), reason.isEmpty() ? place : place + ": " + reason);
    }

    synchronized boolean up() {
        return state == CoordinationStatus.State.CONNECTED;
    }

    synchronized void connected() {
        if (state == CoordinationStatus.State.DISCONNECTED) {
            LOG.info("the directory is back: {}", place);
            become(CoordinationStatus.State.CONNECTED, "");
        }
    }

    synchronized void disconnected(RuntimeException cause) {
        if (state == CoordinationStatus.State.CONNECTED) {
            LOG.warn("the directory is lost, the last view stays: {}", cause.getMessage());
            become(CoordinationStatus.State.DISCONNECTED, String.valueOf(cause.getMessage()));
        } else if (state == CoordinationStatus.State.DISCONNECTED) {
            reason = String.valueOf(cause.getMessage());
        }
    }

    synchronized void closed() {
        state = CoordinationStatus.State.CLOSED;
        reason = "closed";
    }

    private void become(CoordinationStatus.State next, String why) {
        state = next;
        reason = why;
        listeners.tell(status());
    }

    private synchronized void require() {
        if (state == CoordinationStatus.State.CLOSED) {
            throw new MemoryClosed("this coordination was closed");
        }
        if (state == CoordinationStatus.State.DISCONNECTED) {
            throw new CoordinationUnavailable("the directory is away at present", "reason", reason);
        }
    }

    /** Executes a command of the application. */
    <T> T call(Supplier<T> command) {
        require();
        try {
            return command.get();
        } catch (FineMemException e) {
            disconnected(e);
            lost.run();
            throw e instanceof CoordinationUnavailable
                    ? e
                    : new CoordinationUnavailable(e, String.valueOf(e.getMessage()));
        }
    }
}
