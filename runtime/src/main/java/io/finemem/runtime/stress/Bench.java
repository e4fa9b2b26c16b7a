package io.finemem.runtime.stress;

import io.finemem.api.ProtocolViolation;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.time.Duration;
import java.util.Set;

/** Where a stress test works: a domain whose memory is reached, and one that posts. */
final class Bench implements AutoCloseable {
    static final int WORD = Long.BYTES;
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Set<Access> ALL = Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_ATOMIC);

    private final ProtectionDomain serving;
    private final ProtectionDomain posting;

    Bench(Transport transport) {
        serving = transport.newDomain();
        posting = transport.newDomain();
    }

    /** Both ends of a connection. */
    record Pair(Connection poster, Connection server) implements AutoCloseable {
        @Override
        public void close() {
            try {
                server.close();
            } finally {
                poster.close();
            }
        }
    }

    /** Zeroed memory that peers may use. */
    MemoryRegion memory(long words) {
        return serving.allocate(words * WORD, ALL);
    }

    Pair connect() {
        return connect(posting);
    }

    /** A connection of the serving domain with itself. */
    Pair loopBack() {
        return connect(serving);
    }

    private Pair connect(ProtectionDomain from) {
        Connection poster = from.newConnection(ConnectionOptions.of("stressed"));
        try {
            Connection server = serving.newConnection(ConnectionOptions.of("stress"));
            byte[] descriptor = server.descriptor();
            server.connect(poster.descriptor());
            poster.connect(descriptor);
            return new Pair(poster, server);
        } catch (RuntimeException e) {
            poster.close();
            throw e;
        }
    }

    /** Executes; a failure is no verdict on an assumption. */
    static void execute(Connection connection, Chain chain) {
        CompletionStatus status = connection.execute(chain, PATIENCE.toNanos());
        if (status != CompletionStatus.SUCCESS) {
            throw new ProtocolViolation("the device did not execute a chain of the stress test", "status", status);
        }
    }

    @Override
    public void close() {
        posting.close();
        serving.close();
    }
}
