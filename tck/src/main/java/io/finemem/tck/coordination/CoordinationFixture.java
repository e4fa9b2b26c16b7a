package io.finemem.tck.coordination;

import io.finemem.spi.coordination.Coordination;
import java.time.Duration;

/** One empty directory of the test's own, and ways into it. Closing it ends everything that it started. */
public interface CoordinationFixture extends AutoCloseable {

    /** Another participant, with its own connections, as another process would be. */
    Coordination open();

    /**
     * Ends a participant as the death of its process would: nothing is withdrawn, nothing more is said. Only for
     * providers with leases.
     */
    void vanish(Coordination participant);

    /** Lease that registrations of participants have; zero without leases. */
    Duration lease();

    @Override
    void close();
}
