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

    /** See the contract. */
    @Nested
    public class Provider extends ProviderContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Connection extends ConnectionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Region extends RegionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class LargeRegion extends LargeRegionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Data extends DataContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Ordering extends OrderingContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Completion extends CompletionContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Atomics extends AtomicsContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Chain extends ChainContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Keys extends KeysContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Window extends WindowContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Error extends ErrorContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Fence extends FenceContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Peer extends PeerContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Garbage extends GarbageContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }

    /** See the contract. */
    @Nested
    public class Resource extends ResourceContract {
        @Override
        Fabric fabric() {
            return fabric;
        }
    }
}
