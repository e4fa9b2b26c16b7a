package io.finemem.spi.transport;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OperationTimeout;
import io.finemem.api.OutOfLocalResources;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A reliable connection between a protection domain of this side and one of the peer: the field's queue pair with a
 * completion queue of its own.
 *
 * <p>Either side may post. A connection is made by both sides alike: {@link #descriptor()}, hand it to the peer over a
 * trusted channel, {@link #connect} with what the peer handed back. Both ends may be in one process, or in one domain: that
 * is a loop-back connection.
 *
 * <p><b>Thread-safety.</b> One thread at a time posts and polls. {@link #state}, {@link #fence} and {@link #close} may be
 * called by any thread.
 */
public interface Connection extends AutoCloseable {

    /** Polls before {@link #execute} starts to yield the processor between polls. */
    int SPINS_BEFORE_YIELD = 128;

    /** What the peer needs to connect: at most 512 bytes, opaque, to be sent over a trusted channel only. */
    byte[] descriptor();

    /**
     * Connects to the peer's end; afterwards either side may post.
     *
     * @param peerDescriptor what {@link #descriptor()} gave on the other side
     * @throws io.finemem.api.ProtocolViolation if the descriptor is malformed or of another transport or version; this end
     *     stays {@code CREATED}
     * @throws ConnectionLost if the peer's end does not exist any more or cannot be reached
     * @throws InvalidRequest if this end is not {@code CREATED}
     */
    void connect(byte[] peerDescriptor);

    /** Life of this end. {@code ERROR} is seen at the latest when the next chain completes. */
    ConnectionState state();

    /** The options it was made with, with the room that it really has. */
    ConnectionOptions options();

    /**
     * A new, empty chain of this connection.
     *
     * @param capacity elements, 1 up to the connection's {@link ConnectionOptions#maxElementsInFlight()}
     * @throws InvalidRequest if the capacity is out of range, or this end is {@code CLOSED}
     */
    Chain newChain(int capacity);

    /**
     * Posts a chain with one doorbell and returns at once.
     *
     * @throws InvalidRequest if the chain is empty, in flight, or of another connection
     * @throws OutOfLocalResources if there is no room for its elements beside those in flight; nothing was posted
     * @throws ConnectionLost if the connection is not {@code CONNECTED}; nothing was posted
     */
    void submit(Chain chain);

    /**
     * Takes the next completion, in posting order. Never blocks.
     *
     * @return a chain that has completed since it was submitted, each once, or null if there is none now
     */
    @Nullable
    Chain poll();

    /**
     * Blocking form: submits the chain and waits for its completion, spinning first and yielding later.
     *
     * @param timeoutNanos upper bound of the wait in nanoseconds
     * @return the chain's final status, never {@code IN_FLIGHT}
     * @throws InvalidRequest as {@link #submit}, or if other chains are in flight
     * @throws OperationTimeout if the time is over; the chain stays in flight and its outcome unknown, so the connection
     *     should be closed
     */
    default CompletionStatus execute(Chain chain, long timeoutNanos) {
        if (chainsInFlight() != 0) {
            throw new InvalidRequest(
                    "execute() needs a connection without chains in flight", "inFlight", chainsInFlight());
        }
        submit(chain);
        long deadline = 0;
        for (int polls = 0; poll() == null; polls++) {
            if (polls < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
                continue;
            }
            if (deadline == 0) {
                deadline = System.nanoTime() + timeoutNanos;
            } else if (System.nanoTime() - deadline > 0) {
                throw new OperationTimeout(
                        "the peer did not complete the chain in time",
                        "peer",
                        options().peerName(),
                        "millis",
                        TimeUnit.NANOSECONDS.toMillis(timeoutNanos));
            }
            Thread.yield();
        }
        return chain.status();
    }

    /** Chains submitted and not yet returned by {@link #poll()}. */
    int chainsInFlight();

    /** What was posted on this end. */
    ConnectionCounters counters();

    /**
     * Cuts the peer off: after the return nothing that the peer posted on this connection executes, and all that executed
     * before is visible to this CPU (rule R9). The connection is then closed. May be repeated.
     *
     * @param timeoutNanos upper bound of the wait in nanoseconds
     * @throws OperationTimeout if an operation of the peer is still under way; the connection accepts nothing new, but the
     *     fence does not hold yet and must be repeated
     */
    void fence(long timeoutNanos);

    /** {@link #fence} within the transport's own time limit, and release of all resources. Later calls do nothing. */
    @Override
    void close();
}
