package io.finemem.runtime.trace;

import io.finemem.api.BlockHandle;
import io.finemem.api.InvalidRequest;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.OutOfRemoteMemory;
import io.finemem.api.RemoteBlock;
import io.finemem.runtime.fake.BareBlock;
import io.finemem.runtime.fake.BareMemory;
import java.nio.ByteBuffer;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Remote memory on the heap: first fit, one owner or several on the same pool. */
final class FakeMemory extends BareMemory {
    private static final int MAX_BLOCK_BYTES = 64 * 1024;

    private final byte[] pool;
    private final TreeMap<Integer, Block> liveByAddress;
    long allocations;
    long frees;
    int mostLiveBlocks;

    FakeMemory(int bytes) {
        this(new byte[bytes]);
    }

    /** A memory that hands out parts of the pool without knowing what others on the same pool hold. */
    FakeMemory(byte[] pool) {
        this.pool = pool;
        this.liveByAddress = new TreeMap<>();
    }

    int liveBlocks() {
        return liveByAddress.size();
    }

    byte[] pool() {
        return pool;
    }

    @Override
    public RemoteBlock allocate(long bytes) {
        if (bytes < 1 || bytes > MAX_BLOCK_BYTES) {
            throw new InvalidRequest("out of range", "bytes", bytes);
        }
        int length = Math.max(CHUNK_BYTES, Integer.highestOneBit((int) bytes * 2 - 1));
        int address = 0;
        for (Block block : liveByAddress.values()) {
            if (block.address - address >= length) {
                break;
            }
            address = (block.address + block.length + length - 1) / length * length;
        }
        if (address + length > pool.length) {
            throw new OutOfRemoteMemory("pool is full");
        }
        Block block = new Block(address, length);
        liveByAddress.put(address, block);
        allocations++;
        mostLiveBlocks = Math.max(mostLiveBlocks, liveByAddress.size());
        return block;
    }

    @Override
    public void free(RemoteBlock block) {
        if (!liveByAddress.remove((int) block.handle().address(), block)) {
            throw new InvalidRequest("not held");
        }
        frees++;
    }

    @Override
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        return CompletableFuture.completedFuture(allocate(bytes));
    }

    @Override
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        free(block);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public long maxBlockBytes() {
        return MAX_BLOCK_BYTES;
    }

    @Override
    public MemoryStatistics statistics() {
        return new MemoryStatistics(allocations, frees, 0, liveBlocks(), 0, 0, 0, 0, 0, 0);
    }

    @Override
    public String describe() {
        return "heap";
    }

    @Override
    public void close() {
        liveByAddress.clear();
    }

    private final class Block extends BareBlock {
        private final int address;
        private final int length;

        Block(int address, int length) {
            this.address = address;
            this.length = length;
        }

        @Override
        public BlockHandle handle() {
            return new BlockHandle("fake", address, length, 1, 1);
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public void read(long offset, ByteBuffer destination) {
            destination.put(pool, address + (int) offset, destination.remaining());
        }

        @Override
        public void write(long offset, ByteBuffer source) {
            source.get(pool, address + (int) offset, source.remaining());
        }

        @Override
        public void close() {
            free(this);
        }
    }
}
