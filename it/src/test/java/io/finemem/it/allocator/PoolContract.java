package io.finemem.it.allocator;

import io.finemem.allocator.OperationCosts;
import io.finemem.allocator.control.Isolation;
import io.finemem.spi.transport.Transport;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tests on pools whose memory nodes and owners are in this process, over one transport: a pool each, a transport for all. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class PoolContract {
    /** Longer than anybody's heartbeats stay away where nothing is said about leases. */
    private static final Duration LEASE = Duration.ofSeconds(10);

    Transport transport;
    /** The pool of the test, once it has made one. */
    Pool pool;

    /** Opens the transport, or skips the class with a reason. */
    abstract Transport openTransport();

    /** How blocks are guarded. */
    Isolation isolation() {
        return Isolation.DIRECT;
    }

    final boolean strict() {
        return isolation() == Isolation.STRICT;
    }

    @BeforeAll
    final void openTransportOfClass() {
        transport = openTransport();
    }

    @AfterEach
    final void closePool() {
        if (pool != null) {
            pool.close();
            pool = null;
        }
    }

    @AfterAll
    final void closeTransport() {
        if (transport != null) {
            transport.close();
        }
    }

    /** A memory node for each size in bytes. */
    final Pool pool(long... nodeBytes) {
        return pool(LEASE, nodeBytes);
    }

    /** A memory node for each size in bytes. */
    final Pool pool(Duration lease, long... nodeBytes) {
        pool = new Pool(transport, isolation(), lease, nodeBytes);
        return pool;
    }

    /** What was paid in between. */
    static OperationCosts since(OperationCosts before, OperationCosts now) {
        return new OperationCosts(
                now.count() - before.count(),
                now.doorbells() - before.doorbells(),
                now.roundTrips() - before.roundTrips(),
                now.verbs() - before.verbs());
    }
}
