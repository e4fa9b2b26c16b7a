package io.finemem.allocator.driver;

import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has the chains of many procedures under way on one connection at once. Each chain is preallocated, has a doorbell of its
 * own, and completes in posting order, so that the chains are a ring.
 *
 * <pre>
 *   post -> | chain | chain | chain | -> poll
 *           tail                head
 * </pre>
 *
 * The connection is that of a {@link ChainDriver}, which may be used only while nothing is under way here; after the driver
 * got a new connection the pipeline goes on with it. There is room for every chain if the connection
 * has {@code depth * MAX_ELEMENTS} elements beside those of the driver.
 *
 * <p><b>Round trips.</b> Chains that are under way together wait together: a completion counts as a round trip if its chain
 * was posted after the last one that counted.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time. Posting and polling create no garbage.
 *
 * @param <F> what is carried
 */
public final class Pipeline<F extends Flight> {
    /** Longest chain of a procedure in a pipeline. */
    public static final int MAX_ELEMENTS = 4;

    private final ChainDriver driver;
    private final CostMeter meter;
    private final MetadataChain[] chains;
    private final List<@Nullable F> flights;
    private final long[] postedAfterWait;
    private @Nullable Connection connection;
    private int head;
    private int underWay;
    private long waits;
    private int emptyPolls;
    private long deadline;

    /**
     * An empty pipeline.
     *
     * @param depth most chains under way, 1 or more
     */
    public Pipeline(ChainDriver driver, int depth) {
        this.driver = driver;
        this.meter = driver.meter();
        this.chains = new MetadataChain[depth];
        this.postedAfterWait = new long[depth];
        this.flights = new ArrayList<>(depth);
        for (int i = 0; i < depth; i++) {
            flights.add(null);
        }
    }

    /** Chains under way. */
    public int underWay() {
        return underWay;
    }

    /** Whether nothing more can be posted now. */
    public boolean full() {
        return underWay == chains.length;
    }

    /**
     * Posts the next chain of a flight with one doorbell and returns at once. The pipeline must not be {@link #full}.
     *
     * @return false if its procedure is finished; nothing was posted then
     * @throws ConnectionLost if the connection failed; this flight and all that are under way have been told
     */
    public boolean post(F flight) {
        if (full()) {
            throw new IllegalStateException("the pipeline is full");
        }
        adoptConnection();
        int tail = (head + underWay) % chains.length;
        MetadataChain chain = chains[tail];
        chain.chain().clear();
        if (!flight.next(chain)) {
            return false;
        }
        Connection current = driver.connection();
        long doorbells = current.counters().doorbells();
        flights.set(tail, flight);
        postedAfterWait[tail] = waits;
        try {
            current.submit(chain.chain());
        } catch (ConnectionLost e) {
            flight.lost();
            lose();
            throw e;
        }
        underWay++;
        meter.countPosted(
                current.counters().doorbells() - doorbells, chain.chain().size());
        return true;
    }

    private void adoptConnection() {
        Connection current = driver.connection();
        if (connection == current) {
            return;
        }
        if (underWay != 0) {
            throw new IllegalStateException("chains are under way on a connection that was replaced");
        }
        for (int i = 0; i < chains.length; i++) {
            chains[i] = driver.newChain(MAX_ELEMENTS); // closed with its connection
        }
        connection = current;
        head = 0;
    }

    /**
     * Takes the next completion. Never blocks.
     *
     * @return the flight whose chain completed, after it was told; null if there is none now
     * @throws ConnectionLost if the connection failed, or the oldest chain took too long; all that were under way have been
     *     told
     */
    public @Nullable F poll() {
        if (underWay == 0) {
            return null;
        }
        Chain completed = driver.pollBehindPosted();
        if (completed == null) {
            checkTime();
            return null;
        }
        emptyPolls = 0;
        deadline = 0;
        F flight = flights.get(head);
        MetadataChain chain = chains[head];
        CompletionStatus status = completed.status();
        if (flight == null || completed != chain.chain() || status != CompletionStatus.SUCCESS) {
            lose();
            throw driver.failed(status);
        }
        flights.set(head, null);
        countWait(postedAfterWait[head]);
        head = (head + 1) % chains.length;
        underWay--;
        flight.completed(chain);
        return flight;
    }

    private void countWait(long posted) {
        if (posted == waits) {
            waits++;
            meter.countWait();
        }
    }

    private void checkTime() {
        if (++emptyPolls < Connection.SPINS_BEFORE_YIELD) {
            return;
        }
        if (deadline == 0) {
            deadline = System.nanoTime() + driver.timeoutNanos();
        } else if (System.nanoTime() - deadline > 0) {
            lose();
            throw driver.abandoned(new OperationTimeout(
                    "the peer did not complete the chain in time",
                    "peer",
                    driver.connection().options().peerName(),
                    "millis",
                    TimeUnit.NANOSECONDS.toMillis(driver.timeoutNanos())));
        }
    }

    private void lose() {
        emptyPolls = 0;
        deadline = 0;
        for (; underWay > 0; underWay--) {
            F flight = flights.get(head);
            flights.set(head, null);
            head = (head + 1) % chains.length;
            if (flight != null) {
                flight.lost();
            }
        }
    }
}
