package io.finemem.allocator.data;

import io.finemem.api.InvalidRequest;
import io.finemem.api.RegisteredBuffer;
import io.finemem.spi.transport.MemoryRegion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** One holding of registered memory. */
final class PooledBuffer implements RegisteredBuffer {
    /** Set in {@link #users} once the buffer is closed; the bits below count transfers under way. */
    private static final int CLOSED = 1 << 30;

    private static final AtomicIntegerFieldUpdater<PooledBuffer> USERS =
            AtomicIntegerFieldUpdater.newUpdater(PooledBuffer.class, "users");

    private final RegisteredBuffers pool;
    private final Slab slab;
    private final int offset;
    private final int capacity;
    private volatile int users;

    PooledBuffer(RegisteredBuffers pool, Slab slab, int offset, int capacity) {
        this.pool = pool;
        this.slab = slab;
        this.offset = offset;
        this.capacity = capacity;
    }

    RegisteredBuffers pool() {
        return pool;
    }

    Slab slab() {
        return slab;
    }

    MemoryRegion region() {
        return slab.region();
    }

    /** First byte in the region. */
    int offset() {
        return offset;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public ByteBuffer bytes() {
        if ((users & CLOSED) != 0) {
            throw closed();
        }
        return slab.memory().slice(offset, capacity).order(ByteOrder.nativeOrder());
    }

    /** Keeps the memory from being reused until {@link #unpin}. */
    void pin() {
        int before;
        do {
            before = users;
            if ((before & CLOSED) != 0) {
                throw closed();
            }
        } while (!USERS.compareAndSet(this, before, before + 1));
    }

    private InvalidRequest closed() {
        return new InvalidRequest("the buffer was closed", "capacity", capacity);
    }

    void unpin() {
        if (USERS.decrementAndGet(this) == CLOSED) {
            pool.giveBack(this);
        }
    }

    @Override
    public void close() {
        int before;
        do {
            before = users;
            if ((before & CLOSED) != 0) {
                return;
            }
        } while (!USERS.compareAndSet(this, before, before | CLOSED));
        if (before == 0) {
            pool.giveBack(this);
        }
    }

    @Override
    public String toString() {
        return "buffer{capacity=" + capacity + ((users & CLOSED) != 0 ? " closed}" : "}");
    }
}
