package io.finemem.tck;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;

/**
 * All contract tests of a transport. Its build needs one class:
 *
 * <pre>
 * class ShmContractTest extends TransportTck {
 *     &#64;Override
 *     public TransportProvider provider() {
 *         return new ShmTransportProvider();
 *     }
 * }
 * </pre>
 *
 * The transport is opened once for all cases. Where it is not available everything is skipped, or fails if it is
 * {@linkplain #required() required}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class TransportTck implements TransportUnderTest {
    private Fabric fabric;

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

    /** A region of more than 2 GiB, where 32-bit arithmetic shows; a few of its pages are touched. */
    @Nested
    public class LargeRegion extends LargeRegionContract {
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

    /** R8: windows give a part of a region an rkey of its own, and take it back. */
    @Nested
    public class Window extends WindowContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** Bad input to windows is refused, by the chain at once or by the device, and leaves the window as it was. */
    @Nested
    public class WindowRefusal extends WindowRefusalContract {
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

    /** R9: a fence cuts a peer off; what it had done before is visible, nothing follows. */
    @Nested
    public class Fence extends FenceContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** R9 and R10 with a real process as the peer. One process serves all cases, in order; the last ones kill it. */
    @Nested
    public class Peer extends PeerContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** Posting creates no garbage: 0 bytes on the heap for 100,000 operations after a warm-up. */
    @Nested
    public class Garbage extends GarbageContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** What is closed is gone: 10,000 connections, and everything else, many times. */
    @Nested
    public class Resource extends ResourceContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }
}
