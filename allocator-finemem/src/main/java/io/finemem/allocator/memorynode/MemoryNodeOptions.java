package io.finemem.allocator.memorynode;

import io.finemem.allocator.control.BlockKeys;
import io.finemem.allocator.control.Isolation;
import io.finemem.allocator.layout.Geometry;
import io.finemem.allocator.layout.MetadataLayout;
import io.finemem.allocator.layout.RevokeEntry;
import io.finemem.api.InvalidConfiguration;
import java.time.Duration;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a memory node lends, and to how many.
 *
 * @param name name by which owners know it, not empty
 * @param poolBytes bytes of the heap: a multiple of 2 MiB, up to 32 TiB
 * @param isolation how blocks are guarded
 * @param maxOwners owners at a time, 1 to 65536; each costs a segment of the journal, and
 *     {@link #affordableOwners} says how many a pool has room for
 * @param lease an owner that gave no sign of life for that long is taken for dead; 20 ms to 1 hour
 * @param fenceTimeout upper bound of the wait when an owner's connection is fenced
 * @param zeroOnFree whether a block is zeroed before it can be claimed again; in strict isolation only
 * @param blockKeys what gives a block an rkey of its own in strict isolation
 * @param labels what owners may ask for when they place a block
 */
public record MemoryNodeOptions(
        String name,
        long poolBytes,
        Isolation isolation,
        int maxOwners,
        Duration lease,
        Duration fenceTimeout,
        boolean zeroOnFree,
        BlockKeys blockKeys,
        SortedSet<String> labels) {
    private static final Duration MIN_LEASE = Duration.ofMillis(20);
    private static final Duration MAX_LEASE = Duration.ofHours(1);
    private static final int MAX_OWNERS = 1 << 16;
    private static final long MAX_POOL_BYTES = (long) MetadataLayout.MAX_SECTIONS * Geometry.SECTION_BYTES;
    /** Half of the slots that a revoke entry can name are enough for all chunks; the others are for owners. */
    private static final long MAX_STRICT_POOL_BYTES = (long) RevokeEntry.MAX_SLOTS / 2 * Geometry.CHUNK_BYTES;

    /** Checks the ranges, and takes a copy of the labels. */
    public MemoryNodeOptions {
        labels = Collections.unmodifiableSortedSet(new TreeSet<>(labels));
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
        if (lease.compareTo(MIN_LEASE) < 0 || lease.compareTo(MAX_LEASE) > 0) {
            throw new InvalidConfiguration("the lease " + lease + " is not valid: it must be 20 ms to 1 hour");
        }
        if (zeroOnFree && isolation != Isolation.STRICT) {
            throw new InvalidConfiguration(
                    "zeroing of freed blocks needs isolation strict: with isolation direct the memory"
                            + " node takes no part in a free");
        }
        if (blockKeys != BlockKeys.WINDOWS && isolation != Isolation.STRICT) {
            throw new InvalidConfiguration(
                    "block keys by regions need isolation strict: with isolation direct one key opens the whole heap");
        }
        if (isolation == Isolation.STRICT && poolBytes > MAX_STRICT_POOL_BYTES) {
            throw new InvalidConfiguration(
                    "pool size " + poolBytes + " is not valid with isolation strict: it must be at most "
                            + MAX_STRICT_POOL_BYTES + " bytes, or use isolation direct");
        }
    }

    /** Blocks are not zeroed, and have windows. */
    public MemoryNodeOptions(
            String name, long poolBytes, Isolation isolation, int maxOwners, Duration lease, Duration fenceTimeout) {
        this(
                name,
                poolBytes,
                isolation,
                maxOwners,
                lease,
                fenceTimeout,
                false,
                BlockKeys.WINDOWS,
                Collections.emptySortedSet());
    }

    /** Strict isolation, blocks not zeroed, up to 64 owners, leases of 10 seconds, fences within 5 seconds. */
    public static MemoryNodeOptions of(String name, long poolBytes) {
        return new MemoryNodeOptions(
                name, poolBytes, Isolation.STRICT, 64, Duration.ofSeconds(10), Duration.ofSeconds(5));
    }

    /** The same with another lease. */
    public MemoryNodeOptions withLease(Duration duration) {
        return new MemoryNodeOptions(
                name, poolBytes, isolation, maxOwners, duration, fenceTimeout, zeroOnFree, blockKeys, labels);
    }

    /** The same with another isolation. */
    public MemoryNodeOptions withIsolation(Isolation mode) {
        return new MemoryNodeOptions(
                name, poolBytes, mode, maxOwners, lease, fenceTimeout, zeroOnFree, blockKeys, labels);
    }

    /** The same, with freed blocks zeroed or not. */
    public MemoryNodeOptions withZeroOnFree(boolean zero) {
        return new MemoryNodeOptions(
                name, poolBytes, isolation, maxOwners, lease, fenceTimeout, zero, blockKeys, labels);
    }

    /** The same with labels. */
    public MemoryNodeOptions withLabels(SortedSet<String> names) {
        return new MemoryNodeOptions(
                name, poolBytes, isolation, maxOwners, lease, fenceTimeout, zeroOnFree, blockKeys, names);
    }

    /** The same, with other keys of blocks. */
    public MemoryNodeOptions withBlockKeys(BlockKeys keys) {
        return new MemoryNodeOptions(
                name, poolBytes, isolation, maxOwners, lease, fenceTimeout, zeroOnFree, keys, labels);
    }

    /**
     * As many owners, from 4 to 64, as keep the metadata of a pool within 0.5 % of it.
     *
     * @param poolBytes bytes of the heap, from 2 MiB on
     */
    public static int affordableOwners(long poolBytes, Isolation isolation) {
        int sections = sections(Math.min(poolBytes, MAX_POOL_BYTES));
        return MetadataLayout.affordableOwners(sections, isolation == Isolation.STRICT);
    }

    int sections() {
        return sections(poolBytes);
    }

    private static int sections(long poolBytes) {
        return Math.toIntExact(poolBytes / Geometry.SECTION_BYTES);
    }
}
