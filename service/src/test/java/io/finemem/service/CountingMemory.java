package io.finemem.service;

import io.finemem.api.BufferPool;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Another memory whose batches are noted: blocks allocated, or minus the blocks freed. */
record CountingMemory(RemoteMemory memory, List<Integer> batches) implements RemoteMemory {
    @Override
    public RemoteBlock allocate(long bytes) {
        return memory.allocate(bytes);
    }

    @Override
    public ReusableBlock newReusableBlock() {
        return memory.newReusableBlock();
    }

    @Override
    public void allocateInto(ReusableBlock block, long bytes) {
        memory.allocateInto(block, bytes);
    }

    @Override
    public void free(RemoteBlock block) {
        memory.free(block);
    }

    @Override
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        batches.add(count);
        return memory.allocateAll(bytes, count);
    }

    @Override
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        batches.add(-blocks.size());
        memory.freeAll(blocks);
    }

    @Override
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        return memory.allocateAsync(bytes);
    }

    @Override
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        return memory.freeAsync(block);
    }

    @Override
    public long maxBlockBytes() {
        return memory.maxBlockBytes();
    }

    @Override
    public BufferPool buffers() {
        return memory.buffers();
    }

    @Override
    public MemoryStatistics statistics() {
        return memory.statistics();
    }

    @Override
    public String describe() {
        return memory.describe();
    }

    @Override
    public void close() {
        memory.close();
    }
}
