package io.finemem.transport.verbs;

import io.finemem.api.FineMemException;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Capabilities;
import io.finemem.spi.transport.Chain;
import io.finemem.spi.transport.CompletionStatus;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.verbs.ffi.MwFields;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a device really does, by doing it on loop-back connections:
 * <ol>
 *   <li>a window is bound to the second page of a region of two pages: by a work request, or if the device refuses
 *       that, by its function; if neither works there are no windows;
 *   <li>the window's rkey reads the second page: must succeed;
 *   <li>the window's rkey reads the first page: refused if the device enforces the bounds of windows.
 * </ol>
 */
final class CapabilityProbe {
    private static final Logger LOG = LoggerFactory.getLogger(CapabilityProbe.class);
    private static final long PAGE = 4096;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final Set<Access> READ = Set.of(Access.REMOTE_READ);

    private CapabilityProbe() {}

    /** What was found about windows. */
    private enum Windows {
        NONE,
        UNBOUNDED,
        BOUNDED
    }

    /** The transport of an open device, with its capabilities. */
    static VerbsTransport open(String name, VerbsDevice device, Runnable afterClose) {
        boolean byRequest = true;
        Windows windows = Windows.NONE;
        if (device.limits().windows() > 0 && device.operations().hasMemoryWindows()) {
            windows = probe(name, device, true);
            if (windows == Windows.NONE && device.operations().hasBindFunction()) {
                byRequest = false;
                windows = probe(name, device, false);
            }
        }
        return new VerbsTransport(name, device, capabilities(device, windows), byRequest, afterClose);
    }

    private static Capabilities capabilities(VerbsDevice device, Windows windows) {
        DeviceLimits limits = device.limits();
        boolean any = windows != Windows.NONE;
        return new Capabilities(
                any,
                windows == Windows.BOUNDED,
                any ? MwFields.KEY_PERIOD : 0,
                any ? limits.windows() : 0,
                limits.cpuCoherentAtomics(),
                true,
                false,
                Math.min(limits.regionBytes(), MappedMemory.machineBytes()),
                limits.transferBytes(),
                Math.min(device.readsOut(), device.readsIn()),
                device.queueDepth());
    }

    private static Windows probe(String name, VerbsDevice device, boolean byRequest) {
        Capabilities assumed = capabilities(device, Windows.UNBOUNDED);
        VerbsTransport trial = new VerbsTransport(name, device, assumed, byRequest, () -> {});
        VerbsDomain domain = (VerbsDomain) trial.newDomain();
        try {
            return probe(domain);
        } catch (FineMemException e) {
            LOG.debug("{}: binding windows {} failed", device.name(), byRequest ? "by request" : "by function", e);
            return Windows.NONE;
        } finally {
            domain.closeAll();
        }
    }

    private static Windows probe(ProtectionDomain domain) {
        MemoryRegion region = domain.allocate(2 * PAGE, Set.of(Access.REMOTE_READ, Access.WINDOW_BIND));
        Connection poster = domain.newConnection(ConnectionOptions.of("loop-back"));
        Connection server = domain.newConnection(ConnectionOptions.of("loop-back"));
        poster.connect(server.descriptor());
        server.connect(poster.descriptor());
        MemoryWindow window = domain.newWindow();
        Chain chain = poster.newChain(1);
        chain.bind(window, region, PAGE, PAGE, READ);
        if (poster.execute(chain, LIMIT_NANOS) != CompletionStatus.SUCCESS
                || read(poster, chain, region.address() + PAGE, window.rkey()) != CompletionStatus.SUCCESS) {
            return Windows.NONE;
        }
        return switch (read(poster, chain, region.address(), window.rkey())) {
            case SUCCESS -> Windows.UNBOUNDED;
            case REMOTE_ACCESS_ERROR -> Windows.BOUNDED;
            default -> Windows.NONE;
        };
    }

    private static CompletionStatus read(Connection poster, Chain chain, long address, int rkey) {
        chain.clear().readWord(address, rkey);
        return poster.execute(chain, LIMIT_NANOS);
    }
}
