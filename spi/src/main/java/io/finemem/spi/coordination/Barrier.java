package io.finemem.spi.coordination;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import java.time.Duration;

/**
 * A meeting point of a fixed number of parties, for experiments. It can be used again and again; each time is a
 * generation. Memory must never depend on it.
 *
 * <p><b>Thread-safety.</b> Each call of {@link #await} is one party, whichever thread or process it comes from.
 */
public interface Barrier {

    /** What the parties agreed to call it. */
    String name();

    /** How many arrivals let a generation through. */
    int parties();

    /**
     * Arrives and waits for the others.
     *
     * @param timeout how long to wait at most, above zero
     * @return number of the generation that was let through; higher than those before
     * @throws OperationTimeout if not all arrived in time; the arrival is withdrawn, the text says how many there were
     * @throws InvalidRequest if another party gave another number of parties
     * @throws CoordinationUnavailable if the directory could not be reached until the timeout; the arrival lapses by
     *     itself
     * @throws InterruptedException if the thread is interrupted; the arrival is withdrawn
     */
    long await(Duration timeout) throws InterruptedException;
}
