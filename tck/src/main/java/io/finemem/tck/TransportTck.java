package io.finemem.tck;

import org.junit.jupiter.api.Nested;

/**
 * All contract tests of a transport: those of {@link TransportBasicsTck}, and the rest. Its build needs one class:
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
public abstract class TransportTck extends TransportBasicsTck {
    /** A region of more than 2 GiB, where 32-bit arithmetic shows; a few of its pages are touched. */
    @Nested
    public class LargeRegion extends LargeRegionContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }

    /** R8: windows give a part of a region an rkey of its own, and take it back. */
    @Nested
    public class Window extends WindowContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }

    /** Bad input to windows is refused, by the chain at once or by the device, and leaves the window as it was. */
    @Nested
    public class WindowRefusal extends WindowRefusalContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }

    /** R9: a fence cuts a peer off; what it had done before is visible, nothing follows. */
    @Nested
    public class Fence extends FenceContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }

    /** R9 and R10 with a real process as the peer. One process serves all cases, in order; the last ones kill it. */
    @Nested
    public class Peer extends PeerContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }

    /** Posting creates no garbage: 0 bytes on the heap for 100,000 operations after a warm-up. */
    @Nested
    public class Garbage extends GarbageContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }

    /** What is closed is gone: 10,000 connections, and everything else, many times. */
    @Nested
    public class Resource extends ResourceContract {
        @Override
        Fabric fabric() {
            return openedFabric();
        }
    }
}
