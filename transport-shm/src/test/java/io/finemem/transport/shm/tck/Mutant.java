package io.finemem.transport.shm.tck;

import io.finemem.tck.TransportTck;
import java.util.List;
import java.util.function.Supplier;

/**
 * A fault, and the cases that must find it.
 *
 * @param what is wrong
 * @param fault a new one for each run
 * @param contract nested class of the cases
 * @param cases names of the cases: each must fail
 */
record Mutant(String what, Supplier<Fault> fault, Class<?> contract, List<String> cases) {

    private static Mutant of(String what, Supplier<Fault> fault, Class<?> contract, String... cases) {
        return new Mutant(what, fault, contract, List.of(cases));
    }

    @Override
    public String toString() {
        return what;
    }

    static List<Mutant> all() {
        return List.of(
                of(
                        "chain in reverse order",
                        ChainFaults::reversed,
                        TransportTck.Ordering.class,
                        "lastOfOverlappingWritesInAChainStays",
                        "chainOfCompareAndSwapsRunsInOrder",
                        "atomicSeesTheWriteBeforeIt"),
                of(
                        "READ overtakes WRITE",
                        ChainFaults::readsFirst,
                        TransportTck.Ordering.class,
                        "readSeesTheWriteBeforeIt",
                        "longReadSeesTheLongWriteBeforeIt"),
                of(
                        "atomics in two steps",
                        ChainFaults::atomicsInTwoSteps,
                        TransportTck.Atomics.class,
                        "concurrentFetchAddsLoseNoUpdate",
                        "concurrentCompareAndSwapsLoseNoUpdate",
                        "compareAndSwapIsAtomicToFetchAdd"),
                of(
                        "atomics executed twice",
                        ChainFaults::atomicsTwice,
                        TransportTck.Atomics.class,
                        "fetchAddReturnsTheValueBefore",
                        "concurrentFetchAddsLoseNoUpdate"),
                of(
                        "failed CAS stops the chain",
                        ChainFaults::failedSwapStopsTheChain,
                        TransportTck.Atomics.class,
                        "failedCompareAndSwapDoesNotStopTheChain"),
                of(
                        "doorbell for each element",
                        ChainFaults::oneDoorbellForEachElement,
                        TransportTck.Completion.class,
                        "countersAreExact"),
                of(
                        "completions swapped",
                        ConnectionFaults::completionsSwapped,
                        TransportTck.Completion.class,
                        "manyChainsInFlightCompleteInPostingOrder"),
                of(
                        "completion before execution",
                        ConnectionFaults::completionBeforeExecution,
                        TransportTck.Completion.class,
                        "effectsAreThereWhenTheChainHasCompleted"),
                of(
                        "rkey ignored",
                        AccessFaults::rkeyIgnored,
                        TransportTck.Keys.class,
                        "unknownRkeyIsRefused",
                        "rkeyWithOneWrongBitIsRefused",
                        "staleRkeyIsRefused"),
                of(
                        "rights ignored",
                        AccessFaults::rightsIgnored,
                        TransportTck.Keys.class,
                        "regionServesOnlyWhatItAllows"),
                of(
                        "bounds ignored",
                        AccessFaults::boundsIgnored,
                        TransportTck.Keys.class,
                        "transferThatLeavesTheRegionIsRefused",
                        "wordsAreServedUpToTheEnd"),
                of(
                        "one domain for all",
                        AccessFaults::oneDomainForAll,
                        TransportTck.Keys.class,
                        "rkeyOfAnotherDomainIsRefused"),
                of(
                        "rebind keeps the old rkey",
                        AccessFaults::rebindKeepsTheOldRkey,
                        TransportTck.Window.class,
                        "rebindEndsTheOldRkey",
                        "rebindUnderFireStopsTheOldRkey"),
                of(
                        "closed window stays open",
                        AccessFaults::closedWindowStaysOpen,
                        TransportTck.Window.class,
                        "closeEndsTheRkey"),
                of(
                        "window opens its region",
                        AccessFaults::windowOpensItsRegion,
                        TransportTck.Window.class,
                        "boundsOfAWindowAreEnforcedAsDeclared"),
                of(
                        "window bounds enforced but not declared",
                        () -> AccessFaults.declared(AccessFaults::withoutWindowBounds),
                        TransportTck.Window.class,
                        "boundsOfAWindowAreEnforcedAsDeclared"),
                of(
                        "fence does nothing",
                        ConnectionFaults::fenceDoesNothing,
                        TransportTck.Fence.class,
                        "noAtomicOfThePeerExecutesAfterTheFence"),
                of(
                        "error not shown",
                        ConnectionFaults::errorNotShown,
                        TransportTck.Error.class,
                        "connectionInErrorRefusesNewChains"),
                of(
                        "closed connections leak",
                        ConnectionFaults::closeLeaks,
                        TransportTck.Resource.class,
                        "tenThousandConnectionsLeaveNothingBehind"),
                of(
                        "closed connections leave heap",
                        ConnectionFaults::closeLeavesHeap,
                        TransportTck.Resource.class,
                        "tenThousandConnectionsLeaveNothingBehind"),
                of(
                        "closed connections leave descriptors",
                        ConnectionFaults::closeLeavesDescriptors,
                        TransportTck.Resource.class,
                        "tenThousandConnectionsLeaveNothingBehind"),
                of(
                        "malformed descriptor accepted",
                        ConnectionFaults::malformedDescriptorAccepted,
                        TransportTck.Connection.class,
                        "malformedDescriptorIsRefused"),
                of(
                        "memory not zeroed",
                        AccessFaults::memoryNotZeroed,
                        TransportTck.Region.class,
                        "allocatedMemoryIsZeroed"),
                of(
                        "last byte lost",
                        AccessFaults::lastByteLost,
                        TransportTck.Data.class,
                        "writeThenReadReturnsTheSameBytes",
                        "randomTransfersMatchAModel"),
                of(
                        "addresses rounded down",
                        AccessFaults::addressesRoundedDown,
                        TransportTck.Data.class,
                        "unalignedAddressesWork"),
                of(
                        "unaligned words accepted",
                        AccessFaults::addressesRoundedDown,
                        TransportTck.Chain.class,
                        "unalignedWordIsRefused"),
                of(
                        "offsets of 32 bits",
                        AccessFaults::offsetsOf32Bits,
                        TransportTck.LargeRegion.class,
                        "transfersReachEveryPart",
                        "atomicsReachTheUpperPart"),
                of(
                        "death of a peer not as declared",
                        () -> AccessFaults.declared(AccessFaults::withoutNeedOfThePeer),
                        TransportTck.Peer.class,
                        "killedProcessEndsChainsInFlight"),
                of(
                        "provider not registered",
                        () -> Fault.NONE,
                        TransportTck.Provider.class,
                        "serviceLoaderFindsTheProvider"),
                of(
                        "garbage for each call",
                        () -> Fault.NONE,
                        TransportTck.Garbage.class,
                        "executedChainsAllocateNothing",
                        "submittedAndPolledChainsAllocateNothing"));
    }
}
