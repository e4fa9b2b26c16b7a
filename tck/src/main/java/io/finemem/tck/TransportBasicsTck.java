package io.finemem.tck;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * The contract tests that every transport can pass from its first day: no windows, no peer process, no large region. {@link
 * TransportTck} adds the rest; a transport is complete when it passes that.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class TransportBasicsTck implements TransportUnderTest {
    private Fabric fabric;

    /** The opened transport, for the nested contracts. */
    final Fabric openedFabric() {
        return fabric;
    }

    /** Opens the transport. */
    @BeforeAll
    void openFabric() {
        fabric = Fabric.open(this);
    }

    /** Closes the transport and all that the cases left open. */
    @AfterAll
    void closeFabric() {
        if (fabric != null) {
            fabric.close();
        }
    }

    /** The entry of a transport: found, named, probed, configured. */
    @Nested
    public class Provider extends ProviderContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** How a connection is made, and what is refused on the way. */
    @Nested
    public class Connection extends ConnectionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** Regions and domains: what they hold, what this side's CPU may do with them, how they end. */
    @Nested
    public class Region extends RegionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** Bytes arrive as they were sent, where they were sent, and nowhere else. */
    @Nested
    public class Data extends DataContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** R2: what executes in posting order. A READ beside an atomic has no order and is not asserted. */
    @Nested
    public class Ordering extends OrderingContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** R1 and R5: one doorbell per chain, one completion per chain, in order, after the last element. */
    @Nested
    public class Completion extends CompletionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** R3 and R4: CAS and FETCH_ADD of concurrent connections lose no update; words are never torn. */
    @Nested
    public class Atomics extends AtomicsContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** Bad input to chains is refused on the spot and leaves the chain, and the connection, as they were. */
    @Nested
    public class Chain extends ChainContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /**
     * R7: an access needs an rkey of the serving domain that is valid, allows it, and covers it; else nothing changes.
     */
    @Nested
    public class Keys extends KeysContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** R6: what an error does to its connection, and to no other. */
    @Nested
    public class Error extends ErrorContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }
}
