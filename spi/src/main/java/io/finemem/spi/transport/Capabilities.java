package io.finemem.spi.transport;

/**
 * What the opened device can do, probed when it was opened and never assumed.
 *
 * @param memoryWindows whether windows can be made and bound
 * @param windowBoundsEnforced whether an rkey of a window opens only the window's bytes; if not, it opens the whole region
 *     below it
 * @param windowKeyPeriod number of binds of one window after which an old rkey comes back; 0 if it never does
 * @param maxWindows windows per transport, 0 if there are none
 * @param cpuCoherentAtomics whether remote atomics are atomic to read-modify-writes of the responder's CPU
 * @param remoteRegistration whether {@link ProtectionDomain#register} accepts remote access rights; if not, remote memory
 *     comes from {@link ProtectionDomain#allocate} only
 * @param survivesPeerProcess whether operations on a peer's memory go on after the peer's process has died
 * @param maxRegionBytes longest region
 * @param maxTransferBytes longest READ or WRITE element
 * @param maxAtomicsInFlight atomics and READs that one connection executes at a time; longer chains are pipelined, not
 *     refused
 * @param maxElementsInFlight upper bound for {@link ConnectionOptions#maxElementsInFlight()}
 */
public record Capabilities(
        boolean memoryWindows,
        boolean windowBoundsEnforced,
        int windowKeyPeriod,
        long maxWindows,
        boolean cpuCoherentAtomics,
        boolean remoteRegistration,
        boolean survivesPeerProcess,
        long maxRegionBytes,
        long maxTransferBytes,
        int maxAtomicsInFlight,
        int maxElementsInFlight) {}
