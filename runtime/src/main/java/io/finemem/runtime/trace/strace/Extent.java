package io.finemem.runtime.trace.strace;

import org.jspecify.annotations.Nullable;

/**
 * A range of anonymous memory.
 *
 * @param start first address
 * @param end address after the last one
 * @param allocation what made it usable, or null while it is only reserved
 * @param offset where the range starts in the allocation, 0 if reserved
 */
record Extent(long start, long end, @Nullable Allocation allocation, long offset) {

    long bytes() {
        return end - start;
    }

    /** The part between two addresses that are in the range. */
    Extent part(long from, long to) {
        return new Extent(from, to, allocation, allocation == null ? 0 : offset + from - start);
    }

    /** The same memory at another address. */
    Extent at(long address) {
        return new Extent(address, address + bytes(), allocation, offset);
    }
}
