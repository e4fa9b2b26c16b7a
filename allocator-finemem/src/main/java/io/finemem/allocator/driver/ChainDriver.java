package io.finemem.allocator.driver;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionState;
import io.finemem.spi.transport.MemoryRegion;
import org.jspecify.annotations.Nullable;

/**
 * Runs procedures on one connection to a memory node's metadata, one chain at a time, each with one doorbell. The only place
 * where a procedure meets a transport.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time.
 */
public final class ChainDriver implements AutoCloseable {
    /** Most words of one {@link #readWords}. */
    public static final int MAX_BULK_WORDS = 4096;
    /** Most chains of {@link #post} whose completion is not known. */
    public static final int MAX_POSTED = 16;
    /** Elements that may be in flight on its connection. */
    public static final int ELEMENTS_IN_FLIGHT = WordChain.MAX_ELEMENTS + MAX_POSTED * PostedChains.ELEMENTS;

    private Connection connection;
    private Chain chain;
    private PostedChains posted;
    private MetadataChain words;
    private final MemoryRegion bulk;
    private final long metadataAddress;
    private final int metadataRkey;
    private final long timeoutNanos;
    private final CostMeter meter;

    /**
     * A driver that owns the connection.
     *
     * @param connection connected to the metadata domain
     * @param bulk local region of {@link #MAX_BULK_WORDS} words for bulk reads; closed with the driver
     * @param timeoutNanos upper bound of the wait for one chain
     */
    public ChainDriver(
            Connection connection,
            MemoryRegion bulk,
            long metadataAddress,
            int metadataRkey,
            long timeoutNanos,
            CostMeter meter) {
        this.connection = connection;
        this.bulk = bulk;
        this.metadataAddress = metadataAddress;
        this.metadataRkey = metadataRkey;
        this.timeoutNanos = timeoutNanos;
        this.meter = meter;
        this.words = newChain(WordChain.MAX_ELEMENTS);
        this.chain = words.chain();
        this.posted = newPosted();
    }

    /** Goes on with a new connection; the old one is the caller's to close. */
    public void use(Connection replacement) {
        connection = replacement;
        words = newChain(WordChain.MAX_ELEMENTS);
        chain = words.chain();
        posted = newPosted();
    }

    private PostedChains newPosted() {
        return new PostedChains(connection, MAX_POSTED, metadataAddress, metadataRkey);
    }

    /** A further chain of the connection. */
    MetadataChain newChain(int elements) {
        return new MetadataChain(connection.newChain(elements), metadataAddress, metadataRkey);
    }

    Connection connection() {
        return connection;
    }

    CostMeter meter() {
        return meter;
    }

    long timeoutNanos() {
        return timeoutNanos;
    }

    /** Bytes that the bulk region needs. */
    public static long bulkBytes() {
        return (long) MAX_BULK_WORDS * Long.BYTES;
    }

    /**
     * Runs a procedure to its end.
     *
     * @throws ConnectionLost if the connection failed; the procedure has been told
     */
    public void run(Procedure procedure) {
        while (true) {
            chain.clear();
            if (!procedure.next(words)) {
                return;
            }
            try {
                execute();
            } catch (ConnectionLost e) {
                procedure.lost();
                throw e;
            }
            procedure.completed(words);
        }
    }

    /**
     * Posts the next chain of a procedure, of two elements at most, and does not wait for it: {@link #postsCompleted} says when
     * it was executed, later. Waits for the oldest one if {@link #MAX_POSTED} are under way.
     *
     * @throws ConnectionLost if the connection failed; this chain and all posted ones not known to have completed are in doubt
     */
    public void post(Procedure procedure) {
        MetadataChain free = posted.free();
        if (free == null) {
            free = awaitFree();
        }
        procedure.next(free);
        long doorbells = connection.counters().doorbells();
        posted.submit();
        meter.countPosted(
                connection.counters().doorbells() - doorbells, free.chain().size());
    }

    private MetadataChain awaitFree() {
        meter.countWait();
        long deadline = System.nanoTime() + timeoutNanos;
        while (true) {
            MetadataChain free = posted.free();
            if (free != null) {
                return free;
            }
            if (connection.state() != ConnectionState.CONNECTED) {
                throw failed(CompletionStatus.FLUSHED);
            }
            if (System.nanoTime() - deadline > 0) {
                throw abandoned(new OperationTimeout(
                        "the memory node did not complete a chain in time",
                        "peer",
                        connection.options().peerName()));
            }
            Thread.yield();
        }
    }

    /** Posted chains that are known to have been executed, since the driver was made or went on with a new connection. */
    public long postsCompleted() {
        return posted.completed();
    }

    /**
     * Reads consecutive words in one round trip; {@link #bulkWord} gives them.
     *
     * @param count 1 to {@link #MAX_BULK_WORDS}
     * @throws ConnectionLost if the connection failed
     */
    public void readWords(long offset, int count) {
        chain.clear();
        chain.read(metadataAddress + offset, metadataRkey, bulk, 0, (long) count * Long.BYTES);
        execute();
    }

    /** A word of the latest bulk read. */
    public long bulkWord(int index) {
        return bulk.getWord((long) index * Long.BYTES);
    }

    private void execute() {
        long doorbells = connection.counters().doorbells();
        CompletionStatus status;
        try {
            status = posted.none() ? connection.execute(chain, timeoutNanos) : executeBehindPosted();
        } catch (OperationTimeout e) {
            throw abandoned(e);
        }
        meter.countRoundTrip(connection.counters().doorbells() - doorbells, chain.size());
        if (status != CompletionStatus.SUCCESS) {
            throw failed(status);
        }
    }

    /** The next chain that completed and is not one of {@link #post}; null if there is none now. */
    @Nullable
    Chain pollBehindPosted() {
        while (true) {
            Chain completed = connection.poll();
            if (!posted.take(completed)) {
                return completed;
            }
        }
    }

    /** The chain completes after those posted before, which are taken in on the way. */
    private CompletionStatus executeBehindPosted() {
        connection.submit(chain);
        long deadline = System.nanoTime() + timeoutNanos;
        for (int polls = 0; ; polls++) {
            Chain completed = connection.poll();
            if (completed == chain) {
                return chain.status();
            }
            if (completed != null) {
                posted.take(completed);
                continue;
            }
            if (polls < Connection.SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
                continue;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new OperationTimeout(
                        "the memory node did not complete a chain in time",
                        "peer",
                        connection.options().peerName());
            }
            Thread.yield();
        }
    }

    ConnectionLost failed(CompletionStatus status) {
        return new ConnectionLost(
                "the metadata connection failed", "peer", connection.options().peerName(), "status", status);
    }

    /** Gives the connection up because a chain did not complete in time. */
    ConnectionLost abandoned(OperationTimeout cause) {
        ConnectionLost lost = new ConnectionLost(cause.getMessage());
        try {
            connection.close();
        } catch (FineMemException e) {
            lost.addSuppressed(e);
        }
        return lost;
    }

    /** Closes the connection and the bulk region. */
    @Override
    public void close() {
        connection.close();
        bulk.close();
    }
}
