package io.finemem.transport.shm;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Memory of this process: a mapped file if peers may use it or windows may be bound to it, else memory outside the heap. */
final class ShmRegion implements MemoryRegion {
    /** Value of the count of windows after the region was closed. */
    private static final int NO_WINDOWS_ANY_MORE = -1;

    private static final int NO_KEY = 0;

    private final ShmDomain domain;
    private final Memory memory;
    private final long address;
    private final long length;
    private final int rights;
    private final int rkey;
    private final @Nullable RemoteExtent extent;
    private final AtomicInteger boundWindows = new AtomicInteger();
    private volatile boolean closed;

    private ShmRegion(
            ShmDomain domain, Memory memory, long address, long length, @Nullable RemoteExtent extent, int rights) {
        this.domain = domain;
        this.memory = memory;
        this.address = address;
        this.length = length;
        this.extent = extent;
        this.rights = rights;
        this.rkey = extent != null && (rights & Rights.REMOTE) != 0 ? publish(extent) : NO_KEY;
    }

    /** Memory that only this side's chains use. Its address is as aligned as the memory is. */
    static ShmRegion local(ShmDomain domain, long bytes, Memory memory) {
        long address = domain.shm().fabric().newAddress(bytes + SharedWord.BYTES) + memory.misalignment();
        return new ShmRegion(domain, memory, address, bytes, null, 0);
    }

    /** Memory that peers can map. */
    static ShmRegion shared(ShmDomain domain, long bytes, RemoteExtent extent, int rights) {
        return new ShmRegion(domain, extent.memory(), extent.address(), bytes, extent, rights);
    }

    private int publish(RemoteExtent region) {
        KeyTable keys = domain.shm().fabric().keyTable();
        int key = keys.next(keys.latest(keys.take()));
        keys.publish(key, rights & Rights.REMOTE, domain.id(), address, length, region);
        return key;
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
        return length;
    }

    @Override
    public int rkey() {
        return rkey;
    }

    Memory memory() {
        return memory;
    }

    boolean closed() {
        return closed;
    }

    /** The extent to bind a window to, or null if the region does not allow that. */
    @Nullable
    RemoteExtent bindable() {
        return (rights & Rights.BIND) != 0 ? extent : null;
    }

    /** One more window is bound to it; false if it was closed. */
    boolean addWindow() {
        return boundWindows.getAndUpdate(count -> count == NO_WINDOWS_ANY_MORE ? count : count + 1)
                != NO_WINDOWS_ANY_MORE;
    }

    void removeWindow() {
        boundWindows.decrementAndGet();
    }

    /** Whether the range lies in it. */
    boolean holds(long offset, long bytes) {
        return offset >= 0 && bytes >= 0 && bytes <= length && offset <= length - bytes;
    }

    private void check(long offset, long bytes) {
        if (closed) {
            throw new InvalidRequest("the region is closed", "address", Long.toHexString(address));
        }
        if (!holds(offset, bytes)) {
            throw new InvalidRequest(
                    "the range leaves the region", "offset", offset, "bytes", bytes, "regionBytes", length);
        }
    }

    private void checkWord(long offset) {
        check(offset, SharedWord.BYTES);
        if ((address + offset & SharedWord.ALIGNMENT_MASK) != 0) {
            throw new InvalidRequest(
                    "a word must be aligned to 8 bytes", "offset", offset, "address", Long.toHexString(address));
        }
    }

    @Override
    public long getWord(long offset) {
        checkWord(offset);
        return memory.getAcquire(offset);
    }

    @Override
    public void putWord(long offset, long value) {
        checkWord(offset);
        memory.putRelease(offset, value);
    }

    @Override
    public void get(long offset, ByteBuffer destination) {
        check(offset, destination.remaining());
        memory.get(offset, destination);
    }

    @Override
    public void put(long offset, ByteBuffer source) {
        check(offset, source.remaining());
        memory.put(offset, source);
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        check(offset, bytes);
        memory.fill(offset, bytes, value);
    }

    @Override
    public ByteBuffer slice(long offset, int bytes) {
        check(offset, bytes);
        return memory.slice(offset, bytes);
    }

    @Override
    public void close() {
        if (!boundWindows.compareAndSet(0, NO_WINDOWS_ANY_MORE)) {
            if (boundWindows.get() == NO_WINDOWS_ANY_MORE) {
                return;
            }
            throw new InvalidRequest("windows are bound to the region; end them first", "windows", boundWindows.get());
        }
        closed = true;
        if (extent != null) {
            release(extent);
        }
        domain.remove(this);
    }

    /** A peer that is stopped in the middle keeps its mapping of the file, whose bytes nobody else gets. */
    private void release(RemoteExtent region) {
        KeyTable keys = domain.shm().fabric().keyTable();
        if (rkey != NO_KEY) {
            keys.revoke(rkey);
        }
        boolean peersQuiet = domain.awaitRequesters();
        if (rkey != NO_KEY && peersQuiet) {
            keys.give(rkey >>> domain.shm().fabric().tagBits());
        }
        domain.shm().fabric().free(region, peersQuiet && domain.awaitOwnEnds());
    }

    @Override
    public String toString() {
        return "region of " + length + " bytes at " + Long.toHexString(address);
    }
}
