package io.finemem.transport.verbs;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.memory.HugePages;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import io.finemem.verbs.disni.JnrPd;
import io.finemem.verbs.ffi.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A protection domain of the device and what it holds. */
final class VerbsDomain implements ProtectionDomain {
    private static final Logger LOG = LoggerFactory.getLogger(VerbsDomain.class);

    private final VerbsTransport transport;
    private final VerbsDevice device;
    private final JnrPd pd;
    private final ScratchMemory scratch;
    private final Set<VerbsConnection> connections = new HashSet<>();
    private final Set<VerbsWindow> windows = new HashSet<>();
    private final Set<VerbsRegion> regions = new HashSet<>();
    private int registering;
    private boolean closed;

    VerbsDomain(VerbsTransport transport, VerbsDevice device) {
        this.transport = transport;
        this.device = device;
        this.pd = device.allocateDomain();
        this.scratch = new ScratchMemory(device, pd);
    }

    @Override
    public Transport transport() {
        return transport;
    }

    @Override
    public MemoryRegion allocate(long bytes, Set<Access> access) {
        long longest = transport.capabilities().maxRegionBytes();
        if (bytes < 1 || bytes > longest) {
            throw new InvalidRequest("a region must have 1 to maxRegionBytes bytes", "bytes", bytes, "max", longest);
        }
        return registered(() -> {
            MappedMemory memory = map(bytes);
            try {
                return VerbsRegion.register(this, memory.address(), bytes, AccessRights.flags(access), memory::unmap);
            } catch (RuntimeException e) {
                memory.unmap();
                throw e;
            }
        });
    }

    private MappedMemory map(long bytes) {
        HugePages wanted = device.settings().hugepages();
        long page = wanted.pageBytesFor(bytes);
        if (!wanted.missedFor(bytes, page)) {
            try {
                return MappedMemory.map(bytes, page);
            } catch (OutOfLocalResources e) {
                if (page == 0 || wanted.need() == HugePages.Need.REQUIRED) {
                    throw e;
                }
                LOG.debug("huge pages were free, and cannot be had", e);
            }
        }
        LOG.warn("too few huge pages are free: a region has ordinary ones [{}, bytes={}]", wanted.setting(), bytes);
        return MappedMemory.map(bytes, 0);
    }

    @Override
    public MemoryRegion register(ByteBuffer buffer, Set<Access> access) {
        if (!buffer.isDirect() || !buffer.hasRemaining()) {
            throw new InvalidRequest(
                    "only a direct buffer with remaining bytes can be registered",
                    "direct",
                    buffer.isDirect(),
                    "remaining",
                    buffer.remaining());
        }
        long address = NativeMemory.addressOf(buffer) + buffer.position();
        long bytes = buffer.remaining();
        Runnable keepBuffer = () -> Reference.reachabilityFence(buffer);
        return registered(() -> VerbsRegion.register(this, address, bytes, AccessRights.flags(access), keepBuffer));
    }

    /** Registers without the lock, as pinning gigabytes takes seconds; the domain stays open meanwhile. */
    private VerbsRegion registered(Supplier<VerbsRegion> registration) {
        synchronized (this) {
            requireOpen();
            registering++;
        }
        VerbsRegion region = null;
        try {
            region = registration.get();
            return region;
        } finally {
            synchronized (this) {
                registering--;
                if (region != null) {
                    regions.add(region);
                }
            }
        }
    }

    @Override
    public synchronized MemoryWindow newWindow() {
        requireOpen();
        if (!transport.capabilities().memoryWindows()) {
            throw new InvalidRequest("the device has no memory windows", "device", device.name());
        }
        VerbsWindow window = new VerbsWindow(this);
        windows.add(window);
        return window;
    }

    @Override
    public synchronized Connection newConnection(ConnectionOptions options) {
        requireOpen();
        VerbsConnection connection = VerbsConnection.create(this, options);
        connections.add(connection);
        return connection;
    }

    synchronized void forget(VerbsConnection connection) {
        connections.remove(connection);
    }

    synchronized void forget(VerbsWindow window) {
        windows.remove(window);
    }

    synchronized void forget(VerbsRegion region) {
        regions.remove(region);
    }

    VerbsDevice device() {
        return device;
    }

    JnrPd pd() {
        return pd;
    }

    ScratchMemory scratch() {
        return scratch;
    }

    VerbsTransport verbsTransport() {
        return transport;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        if (!connections.isEmpty() || !windows.isEmpty() || !regions.isEmpty() || registering > 0) {
            throw new InvalidRequest(
                    "the domain still holds something",
                    "connections",
                    connections.size(),
                    "windows",
                    windows.size(),
                    "regions",
                    regions.size() + registering);
        }
        closed = true;
        scratch.close();
        device.releaseDomain(pd);
        transport.forget(this);
    }

    /** Closes what it holds in the order that the device asks for, then itself. */
    void closeAll() {
        contents(connections).forEach(VerbsConnection::close);
        contents(windows).forEach(VerbsWindow::close);
        contents(regions).forEach(VerbsRegion::close);
        close();
    }

    private synchronized <T> List<T> contents(Set<T> set) {
        return new ArrayList<>(set);
    }

    private void requireOpen() {
        if (closed) {
            throw new InvalidRequest("the domain is closed", "device", device.name());
        }
    }
}
