package io.finemem.it.allocator;

import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.Transport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A transport that remembers its connections, so that a test can add up what was posted on them. */
final class CountedTransport {
    private final Transport real;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    CountedTransport(Transport real) {
        this.real = real;
    }

    /** What was posted on all connections so far. */
    Posted posted() {
        long doorbells = 0;
        long verbs = 0;
        for (Connection connection : connections) {
            doorbells += connection.counters().doorbells();
            verbs += connection.counters().posted();
        }
        return new Posted(doorbells, verbs);
    }

    /** Chains and their elements. */
    record Posted(long doorbells, long verbs) {
        Posted since(Posted before) {
            return new Posted(doorbells - before.doorbells, verbs - before.verbs);
        }
    }

    Transport transport() {
        return Intercepted.transport(real, connection -> {
            connections.add(connection);
            return connection;
        });
    }
}
