package io.finemem.allocator.owner;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.ConnectionLost;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a search that found no room saw the whole truth: claims of others that are being rolled back, and spans in
 * transition, look like room in use. So a search is repeated, a bounded number of times, before a pool counts as full.
 *
 * <p><b>Thread-safety.</b> Used by the thread that holds the worker.
 */
final class LookAgain {
    private static final Logger LOG = LoggerFactory.getLogger(LookAgain.class);

    /** Searches after the first one at most. */
    static final int MOST = 7;
    /** A rollback takes a round trip or two; seven looks wait for about 3 ms. */
    private static final long SHORTEST_PAUSE_NANOS = 10_000;

    private final Worker worker;

    LookAgain(Worker worker) {
        this.worker = worker;
    }

    /**
     * Whether to search again. Waits a little first, not equally long for all, so that those who got in each other's way do
     * not meet again; longer with every look.
     *
     * @param look searches that found no room, 1 or more
     * @param collided whether a compare-and-swap of these found another value than expected
     * @return true if claims have collided or words have moved, at most {@link #MOST} times
     */
    boolean again(int look, boolean collided) {
        if (look > MOST) {
            return false;
        }
        long pause = SHORTEST_PAUSE_NANOS << look;
        LockSupport.parkNanos(this, pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2));
        boolean moved = collided;
        for (Lane lane : worker.lanes()) {
            moved |= lane.node().accepts() && moved(lane);
        }
        return moved;
    }

    private static boolean moved(Lane lane) {
        try {
            return lane.moved();
        } catch (ConnectionLost e) {
            try {
                Worker.reconnect(lane, e);
            } catch (FineMemException lost) {
                LOG.debug(
                        "the next search leaves memory node {} out",
                        lane.node().pool().memoryNode(),
                        lost);
            }
            return true;
        }
    }
}
