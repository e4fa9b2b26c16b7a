package io.finemem.examples.transport;

import io.finemem.api.InvalidRequest;
import io.finemem.api.OutOfLocalResources;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.Connection;
import io.finemem.spi.transport.ConnectionOptions;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.MemoryWindow;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.spi.transport.Transport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Regions by rkey, and all that must be closed before the domain is. */
final class LocalDomain implements ProtectionDomain {
    private static final int PAGE = 4096;

    final Map<Integer, LocalRegion> keys = new ConcurrentHashMap<>();
    final Map<AutoCloseable, Boolean> held = new ConcurrentHashMap<>();
    private final LocalTransport transport;
    private volatile boolean closed;

    LocalDomain(LocalTransport transport) {
        this.transport = transport;
    }

    @Override
    public Transport transport() {
        return transport;
    }

    @Override
    public MemoryRegion allocate(long bytes, Set<Access> access) {
        if (bytes < 1 || bytes > LocalTransport.MAX_BYTES) {
            throw new OutOfLocalResources(
                    "a region has 1 byte to 1 GiB here", "bytes", bytes, "maxRegionBytes", LocalTransport.MAX_BYTES);
        }
        return hold(new LocalRegion(this, ByteBuffer.allocateDirect((int) bytes), access));
    }

    @Override
    public MemoryRegion register(ByteBuffer buffer, Set<Access> access) {
        if (!buffer.isDirect() || !buffer.hasRemaining()) {
            throw new InvalidRequest("only a direct buffer with bytes remaining can be registered", "buffer", buffer);
        }
        return hold(new LocalRegion(this, buffer.slice(), access));
    }

    private <T extends AutoCloseable> T hold(T resource) {
        synchronized (LocalTransport.LOCK) {
            if (closed) {
                throw new InvalidRequest("the domain is closed");
            }
            held.put(resource, true);
            if (resource instanceof LocalRegion region && region.rkey() != 0) {
                keys.put(region.rkey(), region);
            } else if (resource instanceof LocalConnection end) {
                LocalTransport.ENDS.put(end.number, end);
            }
            return resource;
        }
    }

    @Override
    public MemoryWindow newWindow() {
        throw new InvalidRequest("this transport has no windows");
    }

    @Override
    public Connection newConnection(ConnectionOptions options) {
        if (options.maxElementsInFlight() > LocalTransport.MAX_ELEMENTS) {
            throw new OutOfLocalResources("too many elements in flight", "most", LocalTransport.MAX_ELEMENTS);
        }
        return hold(new LocalConnection(this, options));
    }

    /** A page-aligned address that no other region of the process has or had. */
    static long newAddress(long bytes) {
        return LocalTransport.NUMBERS.getAndAdd(bytes / PAGE + 2) * PAGE + (1L << 32);
    }

    void closeAll() {
        for (AutoCloseable resource : List.copyOf(held.keySet())) {
            if (resource instanceof LocalRegion region) {
                region.close();
            } else if (resource instanceof LocalConnection end) {
                end.close();
            }
        }
        close();
    }

    @Override
    public void close() {
        synchronized (LocalTransport.LOCK) {
            if (!held.isEmpty()) {
                throw new InvalidRequest("the domain still holds regions or connections", "held", held.size());
            }
            closed = true;
            transport.forget(this);
        }
    }
}
