package io.finemem.runtime.demo;

import io.finemem.allocator.control.ConnectionPurpose;
import io.finemem.allocator.control.MemoryNodeControl;
import io.finemem.api.BlockHandle;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionLost;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * The yardstick of the demonstration: how long one compare-and-swap takes on the same device, as a chain of one through
 * the transport, on a connection that nothing else uses. The word is in a block of this process.
 */
final class RawCas {
    private static final int MEASURED = 2000;
    /** Enough for the compiler on a fast device, bounded on a slow one. */
    private static final int WARM_UP = 20_000;

    private static final long WARM_UP_NANOS = Duration.ofMillis(500).toNanos();
    private static final long TIMEOUT_NANOS = Duration.ofSeconds(30).toNanos();

    private final Transport transport;
    private final RemoteMemory memory;
    private final Supplier<MemoryNodeControl> sessions;

    /**
     * A yardstick.
     *
     * @param sessions opens a further session with the memory node
     */
    RawCas(Transport transport, RemoteMemory memory, Supplier<MemoryNodeControl> sessions) {
        this.transport = transport;
        this.memory = memory;
        this.sessions = sessions;
    }

    /** Latencies in nanoseconds. */
    Histogram measure() {
        try (MemoryNodeControl session = sessions.get()) {
            session.register();
            Histogram nanos = measure(session);
            session.leave();
            return nanos;
        }
    }

    private Histogram measure(MemoryNodeControl session) {
        ConnectionOptions options = ConnectionOptions.of("mn0").withServedAccess(Set.of());
        try (RemoteBlock block = memory.allocate(RemoteMemory.CHUNK_BYTES);
                ProtectionDomain domain = transport.newDomain();
                Connection connection = domain.newConnection(options);
                Chain chain = connection.newChain(1)) {
            connection.connect(session.connect(ConnectionPurpose.HEAP, connection.descriptor())
                    .descriptor());
            Histogram nanos = Latencies.empty();
            long value = swap(connection, chain, block.handle(), 0);
            long started = System.nanoTime();
            for (int i = 0; i < WARM_UP && System.nanoTime() - started < WARM_UP_NANOS; i++) {
                value = swap(connection, chain, block.handle(), value);
            }
            for (int i = 0; i < MEASURED; i++) {
                long begun = System.nanoTime();
                value = swap(connection, chain, block.handle(), value);
                nanos.recordValue(System.nanoTime() - begun);
            }
            return nanos;
        }
    }

    /** The value after the swap, or the one found if it was not the expected one. */
    private static long swap(Connection connection, Chain chain, BlockHandle block, long expected) {
        chain.clear().compareAndSwap(block.address(), block.rkey(), expected, expected + 1);
        CompletionStatus status = connection.execute(chain, TIMEOUT_NANOS);
        if (status != CompletionStatus.SUCCESS) {
            throw new ConnectionLost("a compare-and-swap outside of the allocator failed", "status", status);
        }
        long found = chain.word(0);
        return found == expected ? expected + 1 : found;
    }
}
