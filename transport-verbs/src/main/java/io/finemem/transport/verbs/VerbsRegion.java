package io.finemem.transport.verbs;

import io.finemem.api.InvalidRequest;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import io.finemem.verbs.disni.JnrMr;
import io.finemem.verbs.ffi.AccessFlags;
import io.finemem.verbs.ffi.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/** Registered memory, mapped here or given as a direct buffer. */
final class VerbsRegion implements MemoryRegion {
    private final VerbsDomain domain;
    private final JnrMr registration;
    private final long mr;
    private final long address;
    private final long length;
    private final int access;
    private final int localKey;
    private final int rkey;
    private final Runnable releaseMemory;
    private final AtomicInteger boundWindows = new AtomicInteger();
    private volatile boolean closed;

    private VerbsRegion(
            VerbsDomain domain, JnrMr registration, long address, long length, int access, Runnable releaseMemory) {
        this.domain = domain;
        this.registration = registration;
        this.mr = VerbsDevice.address(registration::address);
        this.address = address;
        this.length = length;
        this.access = access;
        this.localKey = registration.getLkey();
        this.rkey = AccessRights.remote(access) ? registration.getRkey() : 0;
        this.releaseMemory = releaseMemory;
    }

    /**
     * Registers memory.
     *
     * @param access flags of peers and of windows; this side may always write
     * @param releaseMemory what to do with the memory after the registration has ended; reachable as long as the region
     *     is
     */
    static VerbsRegion register(VerbsDomain domain, long address, long length, int access, Runnable releaseMemory) {
        JnrMr registration = domain.device().register(domain.pd(), address, length, access | AccessFlags.LOCAL_WRITE);
        return new VerbsRegion(domain, registration, address, length, access, releaseMemory);
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

    @Override
    public long getWord(long offset) {
        return NativeMemory.getLongAcquire(word(offset));
    }

    @Override
    public void putWord(long offset, long value) {
        NativeMemory.putLongRelease(word(offset), value);
    }

    @Override
    public void get(long offset, ByteBuffer destination) {
        destination.put(slice(offset, destination.remaining()));
    }

    @Override
    public void put(long offset, ByteBuffer source) {
        slice(offset, source.remaining()).put(source);
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        NativeMemory.fill(range(offset, bytes), bytes, value);
        Reference.reachabilityFence(this);
    }

    @Override
    public ByteBuffer slice(long offset, int bytes) {
        return NativeMemory.bufferOver(range(offset, bytes), bytes).order(ByteOrder.nativeOrder());
    }

    /** Address of a range. */
    long range(long offset, long bytes) {
        requireOpen();
        if (offset < 0 || bytes < 0 || offset > length - bytes) {
            throw new InvalidRequest(
                    "the range leaves the region", "offset", offset, "bytes", bytes, "regionBytes", length);
        }
        return address + offset;
    }

    void requireOpen() {
        if (closed) {
            throw new InvalidRequest("the region is closed", "address", address);
        }
    }

    private long word(long offset) {
        if ((offset & Long.BYTES - 1) != 0) {
            throw new InvalidRequest("a word must be aligned to 8 bytes", "offset", offset);
        }
        return range(offset, Long.BYTES);
    }

    /** The {@code ibv_mr*}. */
    long mr() {
        return mr;
    }

    int localKey() {
        return localKey;
    }

    /** Whether windows may be bound. */
    boolean allowsWindows() {
        return (access & AccessFlags.WINDOW_BIND) != 0;
    }

    void windowBound() {
        boundWindows.incrementAndGet();
    }

    void windowUnbound() {
        boundWindows.decrementAndGet();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            int windows = boundWindows.get();
            if (windows > 0) {
                throw stillBound(windows);
            }
            if (!domain.device().deregister(registration)) {
                throw stillBound(windows);
            }
            closed = true;
            releaseMemory.run();
        }
        domain.forget(this);
    }

    private InvalidRequest stillBound(int windows) {
        return new InvalidRequest(
                "windows are still bound to the region; invalidate or close them first",
                "windows",
                windows,
                "address",
                address);
    }
}
