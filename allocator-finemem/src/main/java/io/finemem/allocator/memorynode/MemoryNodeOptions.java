package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.api.InvalidConfiguration;
import java.time.Duration;

/**
 * What a memory node lends, and to how many.
 *
 * @param name name by which owners know it, not empty
 * @param poolBytes bytes of the heap: a multiple of 2 MiB, up to 32 TiB
 * @param isolation how blocks are guarded
 * @param maxOwners owners at a time, 1 to 65536
 * @param fenceTimeout upper bound of the wait when an owner's connection is fenced
 */
public record MemoryNodeOptions(
        String name, long poolBytes, Isolation isolation, int maxOwners, Duration fenceTimeout) {
    private static final int MAX_OWNERS = 1 << 16;
    private static final long MAX_POOL_BYTES = (long) MetadataLayout.MAX_SECTIONS * Geometry.SECTION_BYTES;

    /** Checks the ranges. */
    public MemoryNodeOptions {
        if (name.isBlank()) {
            throw new InvalidConfiguration("the memory node's name is empty: give it one");
        }
        if (poolBytes <= 0 || poolBytes > MAX_POOL_BYTES || poolBytes % Geometry.SECTION_BYTES != 0) {
            throw new InvalidConfiguration("pool size " + poolBytes
                    + " is not valid: it must be a positive multiple of 2 MiB (2097152 bytes), up to 32 TiB");
        }
        if (maxOwners < 1 || maxOwners > MAX_OWNERS) {
            throw new InvalidConfiguration(
                    "the number of owners " + maxOwners + " is not valid: it must be 1 to " + MAX_OWNERS);
        }
        if (isolation == Isolation.STRICT) {
            throw new InvalidConfiguration(
                    "isolation STRICT is not served by this release: use DIRECT, where owners trust each other");
        }
    }

    /** Direct isolation, up to 64 owners, fences within 5 seconds. */
    public static MemoryNodeOptions of(String name, long poolBytes) {
        return new MemoryNodeOptions(name, poolBytes, Isolation.DIRECT, 64, Duration.ofSeconds(5));
    }

    int sections() {
        return Math.toIntExact(poolBytes / Geometry.SECTION_BYTES);
    }
}
