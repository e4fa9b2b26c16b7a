package io.finemem.transport.shm;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Mapped regions by their slot; the id tells the uses of a slot apart. Reads take no lock. */
final class RegionTable {
    private static final int FIRST_CAPACITY = 16;

    private volatile @Nullable Mapped[] regions = new @Nullable Mapped[FIRST_CAPACITY];

    /** Immutable, so that it may be published by a plain store. */
    private record Mapped(long id, Memory memory) {}

    @Nullable
    Memory find(int slot, long id) {
        @Nullable Mapped[] all = regions;
        Mapped mapped = slot < all.length ? all[slot] : null;
        return mapped != null && mapped.id == id ? mapped.memory : null;
    }

    synchronized void put(int slot, long id, Memory memory) {
        if (slot >= regions.length) {
            regions = Arrays.copyOf(regions, Math.max(slot + 1, 2 * regions.length));
        }
        regions[slot] = new Mapped(id, memory);
    }

    synchronized void remove(int slot) {
        regions[slot] = null;
    }
}
