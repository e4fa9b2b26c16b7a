package io.finemem.allocator.data;

import io.finemem.api.BufferPool;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryClosed;
import io.finemem.api.OutOfLocalResources;
import io.finemem.api.RegisteredBuffer;
import io.finemem.spi.transport.MemoryRegion;
import io.finemem.spi.transport.ProtectionDomain;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Registered memory by powers of two. Small pieces share a registration of 256 KiB; registrations are kept for reuse, and ended
 * when their room is needed for another size.
 *
 * <p><b>Thread-safety.</b> All methods may be called by any thread; a lock guards the lists, no transfer takes it.
 */
final class RegisteredBuffers implements BufferPool, AutoCloseable {
    private static final int SMALLEST_BYTES = 4096;
    private static final int SMALLEST_ORDER = Integer.numberOfTrailingZeros(SMALLEST_BYTES);
    private static final int LARGEST_ORDER = Integer.numberOfTrailingZeros(MAX_POOLED_BYTES);
    private static final int SHARED_BYTES = 256 * 1024;

    private final ProtectionDomain domain;
    private final long maxBytes;
    /** Those with a free piece, by size. */
    private final List<Deque<Slab>> classes = new ArrayList<>();

    private final Set<Slab> slabs = new LinkedHashSet<>();
    private long pooledBytes;
    private boolean closed;

    RegisteredBuffers(ProtectionDomain domain, long maxBytes) {
        this.domain = domain;
        this.maxBytes = maxBytes;
        for (int order = SMALLEST_ORDER; order <= LARGEST_ORDER; order++) {
            classes.add(new ArrayDeque<>());
        }
    }

    @Override
    public synchronized RegisteredBuffer acquire(int bytes) {
        if (bytes < 1 || bytes > MAX_POOLED_BYTES) {
            throw new InvalidRequest("a pooled buffer has 1 to " + MAX_POOLED_BYTES + " bytes", "bytes", bytes);
        }
        requireOpen();
        int pieceBytes = pieceBytes(bytes);
        Deque<Slab> free = freeSlabs(pieceBytes);
        if (free.isEmpty()) {
            free.add(newSlab(pieceBytes, bytes));
        }
        Slab slab = free.getFirst();
        int offset = slab.take();
        if (!slab.hasFree()) {
            free.removeFirst();
        }
        return new PooledBuffer(this, slab, offset, bytes);
    }

    private static int pieceBytes(int bytes) {
        return bytes <= SMALLEST_BYTES ? SMALLEST_BYTES : Integer.highestOneBit(bytes - 1) << 1;
    }

    private Deque<Slab> freeSlabs(int pieceBytes) {
        return classes.get(Integer.numberOfTrailingZeros(pieceBytes) - SMALLEST_ORDER);
    }

    private Slab newSlab(int pieceBytes, int wanted) {
        int slabBytes = Math.max(pieceBytes, SHARED_BYTES);
        if (pooledBytes + slabBytes > maxBytes) {
            releaseUnused();
        }
        if (pooledBytes + slabBytes > maxBytes) {
            throw new OutOfLocalResources(
                    "the registered buffers of this RemoteMemory are in use; close some, or raise "
                            + "finemem.client.buffer-memory",
                    "wantedBytes",
                    wanted,
                    "registeredBytes",
                    pooledBytes,
                    "maxBytes",
                    maxBytes);
        }
        ByteBuffer memory = allocate(slabBytes);
        Slab slab = new Slab(domain.register(memory, Set.of()), memory, pieceBytes, true);
        slabs.add(slab);
        pooledBytes += slabBytes;
        return slab;
    }

    private static ByteBuffer allocate(int bytes) {
        try {
            return ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError e) {
            throw new OutOfLocalResources(
                    e, "the JVM has no more direct memory; raise -XX:MaxDirectMemorySize", "wantedBytes", bytes);
        }
    }

    private void releaseUnused() {
        for (Iterator<Slab> each = slabs.iterator(); each.hasNext(); ) {
            Slab slab = each.next();
            if (slab.pooled() && slab.unused()) {
                each.remove();
                freeSlabs(slab.pieceBytes()).remove(slab);
                pooledBytes -= slab.bytes();
                slab.region().close();
            }
        }
    }

    @Override
    public synchronized RegisteredBuffer register(ByteBuffer memory) {
        if (!memory.isDirect() || memory.isReadOnly() || !memory.hasRemaining()) {
            throw new InvalidRequest(
                    "only a direct, writable buffer with remaining bytes can be registered", "buffer", memory);
        }
        requireOpen();
        ByteBuffer part = memory.slice();
        MemoryRegion region = domain.register(part.duplicate(), Set.of());
        Slab slab = new Slab(region, part, part.capacity(), false);
        slab.take();
        slabs.add(slab);
        return new PooledBuffer(this, slab, 0, part.capacity());
    }

    synchronized void giveBack(PooledBuffer buffer) {
        if (closed) {
            return; // its registration has ended already
        }
        Slab slab = buffer.slab();
        if (!slab.pooled()) {
            slabs.remove(slab);
            slab.region().close();
            return;
        }
        if (!slab.hasFree()) {
            freeSlabs(slab.pieceBytes()).addFirst(slab);
        }
        slab.give(buffer.offset());
    }

    /** The buffer as this pool knows it. */
    PooledBuffer require(RegisteredBuffer buffer) {
        if (!(buffer instanceof PooledBuffer ours) || ours.pool() != this) {
            throw new InvalidRequest("the buffer is not of this RemoteMemory", "buffer", buffer);
        }
        return ours;
    }

    private void requireOpen() {
        if (closed) {
            throw new MemoryClosed("the RemoteMemory was closed");
        }
    }

    /** Ends all registrations; no transfer may be under way. Later calls do nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        slabs.forEach(slab -> slab.region().close());
        slabs.clear();
        classes.forEach(Deque::clear);
    }
}
