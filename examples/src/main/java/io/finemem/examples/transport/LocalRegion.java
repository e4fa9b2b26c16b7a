package io.finemem.examples.transport;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.Access;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A direct buffer with an address of its own numbering and an rkey. */
final class LocalRegion implements MemoryRegion {
    /** Odd, so no rkey comes back within 2^32 regions; large, so neighbours differ in many bits. */
    private static final int KEY_STEP = 0x9E3779B9;

    private static final AtomicInteger REGIONS = new AtomicInteger();

    final Set<Access> access;
    private final LocalDomain domain;
    private final ByteBuffer memory;
    private final long address;
    private final int rkey;
    private boolean closed;

    LocalRegion(LocalDomain domain, ByteBuffer memory, Set<Access> access) {
        this.domain = domain;
        this.memory = memory.order(ByteOrder.LITTLE_ENDIAN);
        this.access = Set.copyOf(access);
        address = LocalDomain.newAddress(memory.capacity());
        rkey = access.isEmpty() ? 0 : REGIONS.incrementAndGet() * KEY_STEP;
    }

    @Override
    public ProtectionDomain domain() {
        return domain;
    }

    @Override
    public long address() {
        return address;
    }

    @Override
    public long length() {
        return memory.capacity();
    }

    @Override
    public int rkey() {
        return rkey;
    }

    /** Without overflow, whatever the two are. */
    boolean covers(long offset, long bytes) {
        return !closed && bytes >= 0 && offset >= 0 && bytes <= length() && offset <= length() - bytes;
    }

    private ByteBuffer range(long offset, long bytes) {
        if (!covers(offset, bytes)) {
            throw new InvalidRequest("the range leaves the region, or it is closed", "offset", offset, "bytes", bytes);
        }
        return memory.slice((int) offset, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer wordAt(long offset) {
        if ((offset & 7) != 0) {
            throw new InvalidRequest("a word is aligned to 8 bytes", "offset", offset);
        }
        return range(offset, Long.BYTES);
    }

    @Override
    public long getWord(long offset) {
        synchronized (LocalTransport.LOCK) {
            return wordAt(offset).getLong(0);
        }
    }

    @Override
    public void putWord(long offset, long value) {
        synchronized (LocalTransport.LOCK) {
            wordAt(offset).putLong(0, value);
        }
    }

    @Override
    public void get(long offset, ByteBuffer destination) {
        synchronized (LocalTransport.LOCK) {
            destination.put(range(offset, destination.remaining()));
        }
    }

    @Override
    public void put(long offset, ByteBuffer source) {
        synchronized (LocalTransport.LOCK) {
            range(offset, source.remaining()).put(source);
        }
    }

    @Override
    public void fill(long offset, long length, byte value) {
        synchronized (LocalTransport.LOCK) {
            ByteBuffer bytes = range(offset, length);
            while (bytes.hasRemaining()) {
                bytes.put(value);
            }
        }
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        synchronized (LocalTransport.LOCK) {
            return range(offset, length).order(ByteOrder.nativeOrder());
        }
    }

    @Override
    public void close() {
        synchronized (LocalTransport.LOCK) {
            closed = true;
            domain.keys.remove(rkey, this);
            domain.held.remove(this);
        }
    }
}
