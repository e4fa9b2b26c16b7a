package io.finemem.runtime.fake;

import io.finemem.api.BufferPool;
import io.finemem.api.MemoryStatistics;
import io.finemem.api.RemoteBlock;
import io.finemem.api.RemoteMemory;
import io.finemem.api.ReusableBlock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A memory that can nothing but what the test's own subclass does. */
public abstract class BareMemory implements RemoteMemory {
    static AssertionError notExpected(String operation) {
        return new AssertionError(operation + " is not expected in this test");
    }

    @Override
    public RemoteBlock allocate(long bytes) {
        throw notExpected("allocate");
    }

    @Override
    public ReusableBlock newReusableBlock() {
        throw notExpected("newReusableBlock");
    }

    @Override
    public void allocateInto(ReusableBlock block, long bytes) {
        throw notExpected("allocateInto");
    }

    @Override
    public void free(RemoteBlock block) {
        block.close();
    }

    @Override
    public List<RemoteBlock> allocateAll(long bytes, int count) {
        List<RemoteBlock> blocks = new ArrayList<>();
        try {
            while (blocks.size() < count) {
                blocks.add(allocate(bytes));
            }
            return blocks;
        } catch (RuntimeException e) {
            freeAll(blocks);
            throw e;
        }
    }

    @Override
    public void freeAll(Collection<? extends RemoteBlock> blocks) {
        blocks.forEach(this::free);
    }

    @Override
    public CompletionStage<RemoteBlock> allocateAsync(long bytes) {
        throw notExpected("allocateAsync");
    }

    @Override
    public CompletionStage<@Nullable Void> freeAsync(RemoteBlock block) {
        throw notExpected("freeAsync");
    }

    @Override
    public long maxBlockBytes() {
        return 1 << 20;
    }

    @Override
    public BufferPool buffers() {
        throw notExpected("buffers");
    }

    @Override
    public MemoryStatistics statistics() {
        throw notExpected("statistics");
    }

    @Override
    public String describe() {
        return "memory of a test";
    }

    @Override
    public void close() {}
}
