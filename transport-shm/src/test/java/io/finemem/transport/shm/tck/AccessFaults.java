package io.finemem.transport.shm.tck;

import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults of what is served: keys, rights, bounds, domains, windows, memory. */
final class AccessFaults {
    private static final long PAGE = 4096;

    private AccessFaults() {}

    /** Any rkey opens what the address names. */
    static Fault rkeyIgnored() {
        List<MemoryRegion> regions = new CopyOnWriteArrayList<>();
        return call -> {
            if (call.is(ProtectionDomain.class, "allocate")) {
                MemoryRegion region = (MemoryRegion) call.proceed();
                regions.add(region);
                return region;
            }
            if (call.is(MemoryRegion.class, "close")) {
                regions.remove(call.target());
            }
            if (!call.addsAccess()) {
                return call.proceed();
            }
            long address = call.number(0);
            for (MemoryRegion region : regions) {
                if (address >= region.address() && address - region.address() < region.length()) {
                    return call.with(1, region.rkey()).proceed();
                }
            }
            return call.proceed();
        };
    }

    /** Every region allows everything. */
    static Fault rightsIgnored() {
        Set<Access> all = EnumSet.complementOf(EnumSet.of(Access.WINDOW_BIND));
        return call ->
                call.is(ProtectionDomain.class, "allocate") ? call.with(1, all).proceed() : call.proceed();
    }

    /** A region serves a page behind its end. */
    static Fault boundsIgnored() {
        Map<Object, Long> lengths = new ConcurrentHashMap<>();
        return call -> {
            if (call.is(ProtectionDomain.class, "allocate")) {
                Object region = call.with(0, call.number(0) + PAGE).proceed();
                lengths.put(region, call.number(0));
                return region;
            }
            return call.is(MemoryRegion.class, "length") ? lengths.get(call.target()) : call.proceed();
        };
    }

    /** All domains are one. */
    static Fault oneDomainForAll() {
        AtomicReference<@Nullable Object> domain = new AtomicReference<>();
        return call -> {
            if (call.is(ProtectionDomain.class, "close")) {
                return null;
            }
            if (!call.is(Transport.class, "newDomain")) {
                return call.proceed();
            }
            if (domain.get() == null) {
                domain.set(call.proceed());
            }
            return domain.get();
        };
    }

    /** A rebind makes a new rkey and forgets to end the old one. */
    static Fault rebindKeepsTheOldRkey() {
        Map<Object, MemoryWindow> latest = new WeakHashMap<>();
        return call -> {
            if (call.is(Chain.class, "bind")) {
                MemoryWindow window = (MemoryWindow) call.arguments()[0];
                MemoryWindow fresh = window.domain().newWindow();
                latest.put(window, fresh);
                return call.with(0, fresh).proceed();
            }
            MemoryWindow current = latest.get(call.target());
            boolean asked = call.is(MemoryWindow.class, "rkey") || call.is(MemoryWindow.class, "bindCount");
            return asked && current != null ? Call.invoke(current, call.method(), call.arguments()) : call.proceed();
        };
    }

    /** A closed window stays open to peers. */
    static Fault closedWindowStaysOpen() {
        return call -> call.is(MemoryWindow.class, "close") ? null : call.proceed();
    }

    /** A window opens the whole region, against what is declared. */
    static Fault windowOpensItsRegion() {
        return call -> {
            if (!call.is(Chain.class, "bind")) {
                return call.proceed();
            }
            MemoryRegion region = (MemoryRegion) call.arguments()[1];
            return call.with(2, 0L).with(3, region.length()).proceed();
        };
    }

    /** What is declared differs from what is done. */
    static Fault declared(UnaryOperator<Capabilities> lie) {
        return call ->
                call.is(Transport.class, "capabilities") ? lie.apply((Capabilities) call.proceed()) : call.proceed();
    }

    static Capabilities withoutWindowBounds(Capabilities is) {
        return new Capabilities(
                is.memoryWindows(),
                false,
                is.windowKeyPeriod(),
                is.maxWindows(),
                is.cpuCoherentAtomics(),
                is.remoteRegistration(),
                is.survivesPeerProcess(),
                is.maxRegionBytes(),
                is.maxTransferBytes(),
                is.maxAtomicsInFlight(),
                is.maxElementsInFlight());
    }

    static Capabilities withoutNeedOfThePeer(Capabilities is) {
        return new Capabilities(
                is.memoryWindows(),
                is.windowBoundsEnforced(),
                is.windowKeyPeriod(),
                is.maxWindows(),
                is.cpuCoherentAtomics(),
                is.remoteRegistration(),
                !is.survivesPeerProcess(),
                is.maxRegionBytes(),
                is.maxTransferBytes(),
                is.maxAtomicsInFlight(),
                is.maxElementsInFlight());
    }

    /** Memory comes as somebody else left it. */
    static Fault memoryNotZeroed() {
        return call -> {
            Object result = call.proceed();
            if (call.is(ProtectionDomain.class, "allocate")) {
                MemoryRegion region = (MemoryRegion) result;
                region.fill(region.length() - 1, 1, (byte) 0xAA);
            }
            return result;
        };
    }

    /** The last byte of a WRITE is lost. */
    static Fault lastByteLost() {
        return call -> call.is(Chain.class, "write") && call.number(4) > 1
                ? call.with(4, call.number(4) - 1).proceed()
                : call.proceed();
    }

    /** Remote addresses lose their lowest bits. */
    static Fault addressesRoundedDown() {
        return call -> call.addsAccess() ? call.with(0, call.number(0) & -8).proceed() : call.proceed();
    }

    /** Offsets into a region are kept in 32 bits. */
    static Fault offsetsOf32Bits() {
        List<MemoryRegion> large = new CopyOnWriteArrayList<>();
        return call -> {
            if (call.is(ProtectionDomain.class, "allocate")) {
                MemoryRegion region = (MemoryRegion) call.proceed();
                large.add(region);
                return region;
            }
            if (!call.addsAccess()) {
                return call.proceed();
            }
            long address = call.number(0);
            for (MemoryRegion region : large) {
                long offset = address - region.address();
                if (offset >= 0 && offset < region.length()) {
                    return call.with(0, region.address() + (offset & Integer.MAX_VALUE))
                            .proceed();
                }
            }
            return call.proceed();
        };
    }
}
