package io.finemem.allocator.driver;

import io.finemem.allocator.procedure.Procedure;
import io.finemem.allocator.procedure.WordChain;
import io.finemem.api.FineMemException;
import io.finemem.api.OperationTimeout;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.MemoryRegion;

/**
 * Runs procedures on one connection to a memory node's metadata, one chain at a time, each with one doorbell. The only place
 * where a procedure meets a transport.
 *
 * <p><b>Thread-safety.</b> Used by one thread at a time.
 */
public final class ChainDriver implements AutoCloseable {
    /** Most words of one {@link #readWords}. */
    public static final int MAX_BULK_WORDS = 4096;

    private Connection connection;
    private Chain chain;
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
        this.words = newChain();
        this.chain = words.chain();
    }

    /** Goes on with a new connection; the old one is the caller's to close. */
    public void use(Connection replacement) {
        connection = replacement;
        words = newChain();
        chain = words.chain();
    }

    /** A further chain of the connection, long enough for every procedure. */
    MetadataChain newChain() {
        return new MetadataChain(connection.newChain(WordChain.MAX_ELEMENTS), metadataAddress, metadataRkey);
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
            status = connection.execute(chain, timeoutNanos);
        } catch (OperationTimeout e) {
            throw abandoned(e);
        }
        meter.countRoundTrip(connection.counters().doorbells() - doorbells, chain.size());
        if (status != CompletionStatus.SUCCESS) {
            throw failed(status);
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
