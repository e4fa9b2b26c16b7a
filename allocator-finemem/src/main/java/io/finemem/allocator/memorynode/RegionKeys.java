package io.finemem.allocator.memorynode;

import io.finemem.spi.transport.MemoryRegion;
import org.jspecify.annotations.Nullable;

/**
 * Rkeys by a memory region per node: every device refuses what leaves a region, soft-RoCE too, which does not look at the bounds
 * of windows. When a region is closed nothing that uses its rkey is under way any more.
 */
final class RegionKeys implements NodeKeys {
    private final MemoryRegion heap;
    private final BlockRanges ranges;
    private final @Nullable MemoryRegion[] regions;

    RegionKeys(MemoryRegion heap, BlockRanges ranges) {
        this.heap = heap;
        this.ranges = ranges;
        this.regions = new MemoryRegion[ranges.count()];
    }

    @Override
    public void make(int index) {
        // registered with the others of its batch
    }

    @Override
    public void renew(int[] named, int first, int end) {
        for (int i = first; i < end; i++) {
            release(named[i]);
        }
        for (int i = first; i < end; i++) {
            int index = named[i];
            regions[index] = heap.domain()
                    .register(
                            heap.slice(ranges.offset(index), Math.toIntExact(ranges.length(index))), PoolMemory.REMOTE);
        }
    }

    private void release(int index) {
        MemoryRegion old = regions[index];
        if (old != null) {
            old.close();
            regions[index] = null;
        }
    }

    @Override
    public int rkey(int index) {
        MemoryRegion region = regions[index];
        return region == null ? 0 : region.rkey();
    }

    @Override
    public boolean certain(int index) {
        return regions[index] != null;
    }

    @Override
    public long exchanged() {
        return 0;
    }

    @Override
    public void close() {
        for (int i = 0; i < regions.length; i++) {
            release(i);
        }
    }
}
