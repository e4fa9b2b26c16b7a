package io.finemem.allocator.memorynode;

import io.finemem.spi.transport.MemoryRegion;
import java.util.function.Supplier;

/** Decides where on the machine the memory of a memory node lies. */
@FunctionalInterface
public interface RegionPlacement {
    /** Wherever the kernel puts it. */
    RegionPlacement ANYWHERE = (bytes, allocation) -> allocation.get();

    /**
     * Has a region allocated, by this thread.
     *
     * @param bytes its length
     * @param allocation allocates it; called once, or again after it failed
     * @return what {@code allocation} returned
     * @throws io.finemem.api.OutOfLocalResources if there is not that much memory where it is to lie; nothing is left behind
     */
    MemoryRegion place(long bytes, Supplier<MemoryRegion> allocation);
}
